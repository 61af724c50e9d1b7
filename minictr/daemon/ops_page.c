/*
 * ops_page.c - the dashboard's pages: plain HTML that needs no script and changes nothing.
 *
 * Names, labels and logs come from strangers. Each value goes through page_text(), the only way into a page:
 * what means something to HTML becomes a character reference, control characters (a terminal's colours) are
 * left out. Should one slip through all the same, Content-Security-Policy lets no script run.
 * Environment variables are not shown: passwords stand there.
 */
#include "daemon/ops_job.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/program.h"
#include "daemon/job.h"
#include "engine/inspect.h"
#include "engine/logs.h"
#include "engine/networks.h"

enum {
	/* Microseconds between two looks at a container's processor time. */
	SAMPLE_US = 200000,
	LOG_LINES = 200,
	WALK_MAX = 16 << 20,
	/* The picture of the networks, in pixels. */
	ROW = 44,
	BOX = 30,
	LEFT = 220,
	RIGHT = 400,
	GAP = 160,
};

/* --- HTML --- */

static void page_bytes(struct buf *b, const char *s, size_t n)
{
	static const char *const special[] = {
		['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;"
	};
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		if (c == 27 && i + 1 < n && s[i + 1] == '[') /* a colour, up to its letter */
			for (i += 2; i < n && (unsigned char)s[i] < '@'; i++)
				;
		else if (c < ARRAY_LEN(special) && special[c])
			buf_adds(b, special[c]);
		else if ((c >= ' ' && c != 127) || c == '\n' || c == '\t')
			buf_addc(b, (char)c);
	}
}

static void page_text(struct buf *b, const char *s) { page_bytes(b, s ? s : "", s ? strlen(s) : 0); }

static void page_of(struct buf *b, const struct json *o, const char *key)
{
	page_text(b, json_text_of(json_member(o, key)));
}

/* "<td class=KIND>text</td>" */
static void page_cell(struct buf *b, const char *kind, const char *text)
{
	buf_addf(b, "<td class=\"%s\">", kind);
	page_text(b, text);
	buf_adds(b, "</td>");
}

static const char style[] =
	"<style>:root{--ink:#1c2733;--dim:#66758a;--line:#dfe5ec;--card:#fff;--back:#f3f5f8;--mark:#1f6feb;"
	"--good:#1a9c5b;--warn:#c98300}@media(prefers-color-scheme:dark){:root{--ink:#e4e9f0;--dim:#93a1b5;"
	"--line:#2c3746;--card:#1a222d;--back:#11161d;--mark:#6aa6ff;--good:#4cc98a;--warn:#e0ad4a}}"
	"*{box-sizing:border-box}body{margin:0 auto;padding:24px;max-width:1160px;background:var(--back);"
	"color:var(--ink);font:15px/1.5 system-ui,sans-serif}a{color:var(--mark);text-decoration:none}"
	"a:hover{text-decoration:underline}header{display:flex;align-items:baseline;gap:16px;margin-bottom:"
	"20px}"
	"h1{font-size:22px;margin:0}h2{font-size:16px;margin:0 0 12px}header span{color:var(--dim)}"
	"nav{margin-left:auto;display:flex;gap:16px}section{background:var(--card);border:1px solid "
	"var(--line);"
	"border-radius:10px;padding:18px "
	"20px;margin-bottom:18px;overflow-x:auto}table{border-collapse:collapse;"
	"width:100%}th{font-size:12px;text-align:left;color:var(--dim);font-weight:600;padding:0 12px 6px 0}"
	"td{border-top:1px solid var(--line);padding:7px 12px 7px 0;vertical-align:top}.n{white-space:nowrap;"
	"font-variant-numeric:tabular-nums}.d{color:var(--dim)}.dot{display:inline-block;width:9px;height:"
	"9px;"
	"border-radius:50%;background:var(--dim);margin-right:8px}.running{background:var(--good)}.paused,"
	".restarting{background:var(--warn)}.bar{display:block;width:110px;height:5px;border-radius:3px;"
	"background:var(--line);margin-top:4px}.bar i{display:block;height:5px;border-radius:3px;"
	"background:var(--mark)}pre{margin:0;font:13px/1.45 ui-monospace,monospace;white-space:pre-wrap;"
	"overflow-wrap:anywhere}.err{color:var(--warn)}code{font:13px ui-monospace,monospace}"
	"svg{max-width:100%}svg text{font:13px system-ui,sans-serif;fill:var(--ink)}svg .s{fill:var(--dim);"
	"font-size:11px}svg rect{fill:var(--back);stroke:var(--line)}svg path{fill:none;stroke:var(--mark);"
	"stroke-width:1.5;opacity:.6}details{margin:2px 0}summary{cursor:pointer}</style>";

/* up: the way to the first page. refresh: seconds, 0 never. */
static void page_begin(struct buf *b, const char *title, const char *up, int refresh)
{
	buf_adds(b, "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
		    "content=\"width=device-width\">");
	if (refresh)
		buf_addf(b, "<meta http-equiv=\"refresh\" content=\"%d\">", refresh);
	buf_adds(b, "<title>");
	page_text(b, title);
	buf_addf(b, "</title>%s</head><body><header><h1>", style);
	page_text(b, title);
	buf_addf(b,
		"</h1><span>minictr %s</span><nav><a href=\"%s\">containers</a><a href=\"%swalk\">a start, "
		"step "
		"by step</a></nav></header>",
		MINICTR_VERSION, up, up);
}

static int page_send(struct reply *r, int status, struct buf *b, struct mc_err *err)
{
	static const char *const headers[][2] = {
		{ "Content-Security-Policy",
			"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
			"frame-ancestors 'none'" },
		{ "X-Content-Type-Options", "nosniff" },
		{ "Referrer-Policy", "no-referrer" },
		{ "Cross-Origin-Resource-Policy", "same-origin" },
		{ "Cache-Control", "no-store" },
	};
	for (size_t i = 0; i < ARRAY_LEN(headers); i++)
		reply_header(r, headers[i][0], headers[i][1]);
	buf_adds(b, "</body></html>\n");
	int rc = reply_begin(r, status, "text/html; charset=utf-8", err);
	return rc < 0 ? rc : file_write_all(r->out, b->data, b->len, err);
}

/* --- figures --- */

static void page_bytes_of(struct buf *b, uint64_t n)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
	double v = (double)n;
	size_t u = 0;
	for (; v >= 1000 && u + 1 < ARRAY_LEN(units); u++)
		v /= 1000;
	buf_addf(b, u && v < 10 ? "%.1f %s" : "%.0f %s", v, units[u]);
}

static void page_bar(struct buf *b, double part)
{
	buf_addf(b, "<span class=\"bar\"><i style=\"width:%.0f%%\"></i></span>", part > 1 ? 100 : 100 * part);
}

struct usage {
	bool known;
	struct container_stats now;
	double cpus; /* 0.5: half of one processor */
};

/* All of them twice, one pause for all: processor time is a difference. */
static struct usage *usage_of(struct engine *e, const struct container *all, size_t n)
{
	struct usage *u = xcalloc(n + 1, sizeof(*u));
	struct container_stats first;
	struct mc_err ignored = { 0 };
	bool any = false;
	for (size_t i = 0; i < n; i++) {
		u[i].known = all[i].init.pid && container_stats(e, &all[i], &u[i].now, &ignored) >= 0;
		any |= u[i].known;
	}
	if (any)
		usleep(SAMPLE_US);
	for (size_t i = 0; i < n; i++) {
		first = u[i].now;
		if (!u[i].known)
			continue;
		u[i].known = container_stats(e, &all[i], &u[i].now, &ignored) >= 0;
		if (u[i].known && u[i].now.time > first.time)
			u[i].cpus = (double)(u[i].now.cpu_ns - first.cpu_ns) /
				    (double)(u[i].now.time - first.time);
	}
	return u;
}

static void page_usage(struct buf *b, const struct usage *u)
{
	if (!u->known) {
		buf_adds(b, "<td></td><td></td><td></td>");
		return;
	}
	buf_addf(b, "<td class=\"n\">%.1f %%", 100 * u->cpus);
	page_bar(b, u->cpus / (u->now.online_cpus ? u->now.online_cpus : 1));
	buf_adds(b, "</td><td class=\"n\">");
	page_bytes_of(b, u->now.memory);
	page_bar(b, u->now.memory_limit ? (double)u->now.memory / (double)u->now.memory_limit : 0);
	buf_addf(b, "</td><td class=\"n\">%llu</td>", (unsigned long long)u->now.pids);
}

/* --- the first page --- */

static void page_name(struct buf *b, const struct container *c, const char *way)
{
	buf_addf(b, "<span class=\"dot %s\"></span><a href=\"%s%.12s\">", container_status_name(c->status),
		way, c->id);
	page_text(b, c->name);
	buf_adds(b, "</a>");
}

static void page_containers(struct buf *b, const struct container_list *all, const struct usage *u)
{
	buf_adds(b, "<section><h2>Containers</h2>");
	if (!all->count)
		buf_adds(b, "<p class=\"d\">None. <code>minictr run -d --name web busybox sleep 1000</code> "
			    "makes "
			    "one.</p></section>");
	if (!all->count)
		return;
	buf_adds(b, "<table><tr><th>NAME</th><th>IMAGE</th><th>COMMAND</th><th>STATUS</th><th>CPU</th>"
		    "<th>MEMORY</th><th>PIDS</th></tr>");
	for (size_t i = 0; i < all->count; i++) {
		const struct container *c = &all->items[i];
		_cleanup_free_ char *command = container_command_text(c), *status = container_status_text(c);
		buf_adds(b, "<tr><td class=\"n\">");
		page_name(b, c, "c/");
		buf_adds(b, "</td>");
		page_cell(b, "", c->image);
		page_cell(b, "d", command);
		page_cell(b, "n", status);
		page_usage(b, &u[i]);
		buf_adds(b, "</tr>");
	}
	buf_adds(b, "</table></section>");
}

static void picture_box(struct buf *b, int x, int y, int width, const char *name, const char *more)
{
	buf_addf(b, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"7\"/><text x=\"%d\" y=\"%d\">",
		x, y, width, BOX, x + 10, y + 20);
	page_text(b, name);
	buf_addf(
		b, "</text><text class=\"s\" x=\"%d\" y=\"%d\" text-anchor=\"end\">", x + width - 10, y + 20);
	page_text(b, more);
	buf_adds(b, "</text>");
}

/* A line from each running container to this network. */
static void picture_lines(struct buf *b, const struct container_list *all, const char *network, int net)
{
	int row = 0, from = net * ROW + BOX / 2, middle = LEFT + GAP / 2;
	for (size_t i = 0; i < all->count; i++) {
		int to = row * ROW + BOX / 2;
		row += all->items[i].init.pid != 0;
		if (all->items[i].init.pid &&
			json_member(json_member(all->items[i].net, "Networks"), network))
			buf_addf(b, "<path d=\"M%d %d C%d %d %d %d %d %d\"/>", LEFT, from, middle, from,
				middle, to, LEFT + GAP, to);
	}
}

static void picture_container(struct buf *b, const struct container *c, int row)
{
	_cleanup_buf_ struct buf addresses = { 0 };
	struct json_iter it = { 0 };
	while (json_next(json_member(c->net, "Networks"), &it))
		buf_addf(&addresses, "%s%s", addresses.len ? ", " : "",
			json_text_of(json_member(it.value, "IPAddress")));
	picture_box(b, LEFT + GAP, row * ROW + 1, RIGHT - 2, c->name, addresses.data);
}

static void page_networks(struct buf *b, const struct container_list *all, const struct network_list *nets)
{
	int rows = 0, row = 0;
	for (size_t i = 0; i < all->count; i++)
		rows += all->items[i].init.pid != 0;
	int height = ROW * (rows > (int)nets->count ? rows : (int)nets->count), width = LEFT + GAP + RIGHT;
	buf_addf(b,
		"<section><h2>Networks</h2><svg width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
		"role=\"img\" "
		"aria-label=\"which container is in which network\">",
		width, height, width, height);
	for (size_t n = 0; n < nets->count; n++) {
		char subnet[ADDRESS_TEXT];
		if (!network_is_bridge(&nets->items[n]))
			continue; /* none, host */
		picture_lines(b, all, nets->items[n].name, row);
		picture_box(b, 1, row++ * ROW + 1, LEFT - 2, nets->items[n].name,
			subnet_text(&nets->items[n].subnet4, subnet));
	}
	row = 0;
	for (size_t i = 0; i < all->count; i++)
		if (all->items[i].init.pid)
			picture_container(b, &all->items[i], row++);
	buf_adds(b, "</svg></section>");
}

int op_page_home(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_container_list_ struct container_list all = { 0 };
	_cleanup_network_list_ struct network_list nets = { 0 };
	_cleanup_buf_ struct buf b = { 0 };
	struct net_home h = engine_networks(e);
	int rc = container_list(e, &all, err);
	if (rc >= 0)
		rc = network_list(&h, &nets, err);
	if (rc < 0)
		return rc;
	struct usage *u = usage_of(e, all.items, all.count);
	page_begin(&b, "Containers", "./", 5);
	page_containers(&b, &all, u);
	page_networks(&b, &all, &nets);
	free(u);
	return page_send(r, 200, &b, err);
}

/* --- one container --- */

static int page_line(const struct log_entry *l, void *data)
{
	struct buf *b = data;
	if (l->stream == 2)
		buf_adds(b, "<span class=\"err\">");
	page_bytes(b, l->text, l->len);
	if (l->stream == 2)
		buf_adds(b, "</span>");
	return 0;
}

static void page_row(struct buf *b, const char *name, const char *text)
{
	buf_addf(b, "<tr><td class=\"n d\">%s</td>", name);
	page_cell(b, "", text);
	buf_adds(b, "</tr>");
}

static void page_facts(struct buf *b, const struct container *c, const struct json *doc)
{
	_cleanup_free_ char *command = container_command_text(c), *status = container_status_text(c);
	struct json_iter it = { 0 };
	buf_adds(b, "<section><h2>What it is</h2><table>");
	page_row(b, "status", status);
	page_row(b, "image", c->image);
	page_row(b, "command", command);
	page_row(b, "id", c->id);
	while (json_next(json_at(doc, "NetworkSettings.Ports"), &it)) {
		const struct json *at = json_item(it.value, 0);
		_cleanup_free_ char *text = at ? xasprintf("%s, published at %s:%s", it.key,
							 json_text_of(json_member(at, "HostIp")),
							 json_text_of(json_member(at, "HostPort")))
					       : xstrdup(it.key);
		page_row(b, "port", text);
	}
	const struct json *mounts = json_member(doc, "Mounts");
	for (size_t i = 0; i < json_len(mounts); i++) {
		const struct json *m = json_item(mounts, i);
		_cleanup_free_ char *text = xasprintf("%s at %s", json_text_of(json_member(m, "Type")),
			json_text_of(json_member(m, "Destination")));
		page_row(b, "mount", text);
	}
	buf_adds(b, "</table></section>");
}

int op_page_container(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	_cleanup_container_ struct container c = { 0 };
	_cleanup_json_ struct json *doc = NULL;
	_cleanup_buf_ struct buf b = { 0 };
	struct logs_options o = { .tail = LOG_LINES };
	struct mc_err none = { 0 };
	int rc = container_find(e, request_name(q), &c, &none);
	if (rc < 0) {
		page_begin(&b, "No such container", "../", 0);
		return page_send(r, 404, &b, err);
	}
	rc = container_inspect(e, &c, false, &doc, err);
	if (rc < 0)
		return rc;
	struct usage *u = usage_of(e, &c, 1);
	page_begin(&b, c.name, "../", 5);
	page_facts(&b, &c, doc);
	if (u->known) {
		buf_adds(&b,
			"<section><h2>What it uses</h2><table><tr><th>CPU</th><th>MEMORY</th><th>PIDS</th>"
			"<th>RECEIVED</th><th>SENT</th></tr><tr>");
		page_usage(&b, u);
		const uint64_t more[] = { u->now.net_rx, u->now.net_tx };
		for (size_t i = 0; i < ARRAY_LEN(more); i++) {
			buf_adds(&b, "<td class=\"n\">");
			page_bytes_of(&b, more[i]);
			buf_adds(&b, "</td>");
		}
		buf_adds(&b, "</tr></table></section>");
	}
	free(u);
	buf_addf(&b, "<section><h2>Its last %d lines</h2><pre>", LOG_LINES);
	if (container_logs(e, c.id, &o, page_line, &b, &none) < 0)
		page_text(&b, none.what);
	buf_adds(&b, "</pre></section>");
	return page_send(r, 200, &b, err);
}

/* --- a recorded start --- */

static void page_step(struct buf *b, const struct json *step, size_t n)
{
	const struct json *calls = json_member(step, "calls");
	buf_addf(b, "<tr><td class=\"n d\">%zu</td><td class=\"n\">", n);
	page_of(b, step, "who");
	buf_adds(b, "</td><td class=\"n\"><code>");
	page_of(b, step, "step");
	buf_adds(b, "</code></td><td>");
	page_of(b, step, "why");
	if (json_len(calls)) {
		buf_addf(b, "<details><summary class=\"d\">%zu system call%s</summary><pre>", json_len(calls),
			json_len(calls) > 1 ? "s" : "");
		for (size_t i = 0; i < json_len(calls); i++) {
			page_of(b, json_item(calls, i), "call");
			buf_addc(b, '\n');
		}
		buf_adds(b, "</pre></details>");
	}
	buf_adds(b, "</td></tr>");
}

int op_page_walk(struct engine *e, const struct request *q, struct reply *r, struct mc_err *err)
{
	const char *path = json_text_of(json_member(q->doc, "walk"));
	_cleanup_json_ struct json *walk = NULL;
	_cleanup_buf_ struct buf b = { 0 };
	page_begin(&b, "A start, step by step", "./", 0);
	buf_adds(&b, "<section>");
	if (!path) {
		buf_adds(&b,
			"<p>None is recorded. <code>minictr explain --record start.walk run --rm busybox "
			"true</code>, then <code>minictrd --walk start.walk</code> shows it "
			"here.</p></section>");
		return page_send(r, 200, &b, err);
	}
	int rc = json_parse_file(AT_FDCWD, path, WALK_MAX, &walk, err);
	if (rc < 0)
		return rc;
	const struct json *words = json_member(walk, "command"), *steps = json_member(walk, "steps");
	buf_adds(&b, "<h2><code>minictr");
	for (size_t i = 0; i < json_len(words); i++) {
		buf_addc(&b, ' ');
		page_text(&b, json_text_of(json_item(words, i)));
	}
	buf_adds(&b, "</code></h2><table><tr><th></th><th>PROCESS</th><th>STEP</th><th>WHY</th></tr>");
	for (size_t i = 0; i < json_len(steps); i++)
		page_step(&b, json_item(steps, i), i + 1);
	buf_adds(&b, "</table></section>");
	return page_send(r, 200, &b, err);
}
