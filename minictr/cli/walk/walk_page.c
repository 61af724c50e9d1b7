/*
 * walk_page.c - a walk as one self-contained HTML page: a step, and the kernel's state drawn beside it.
 *
 * For a projector, a slide, the book. Without JavaScript all steps stand below each other; with it one is
 * shown at a time, and the arrow keys go through them. The page loads nothing from anywhere.
 */
#include "cli/walk/walk.h"

#include <fcntl.h>

#include "base/file.h"
#include "base/result_file.h"
#include "cli/walk/kernel_state.h"

enum { CHANGES = 12, CHIPS = 24, MOUNTS = 16, LAST_CAPABILITY = 40 };

static const char head[] =
	"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	"<meta name=\"viewport\" content=\"width=device-width\">\n<style>\n"
	"body{font:16px/1.45 system-ui,sans-serif;margin:1.5rem auto;max-width:78rem;padding:0 1rem;"
	"color:#1b1f24;background:#fff}\n"
	"code,li{font-family:ui-monospace,monospace;font-size:.82rem;overflow-wrap:anywhere}\n"
	"section{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:1.5rem;"
	"border-top:2px solid #c7ced6;padding:1rem 0}\n"
	"h2{font-size:1.15rem;margin:.2rem 0}h3{font-size:.85rem;margin:.7rem 0 .2rem;color:#47525e}\n"
	"ul{margin:.2rem 0;padding-left:1.1rem}.who{color:#47525e;font-size:.85rem}\n"
	".box{border:1.5px solid #8c99a6;border-radius:6px;padding:.4rem .6rem;margin:.45rem 0}\n"
	".box>b{display:block;font-size:.8rem;color:#47525e}\n"
	".chip{display:inline-block;border:1.5px solid #8c99a6;border-radius:4px;padding:0 "
	".4rem;margin:.12rem;"
	"font:.78rem ui-monospace,monospace}\n"
	".own{background:#dcebfb;border-color:#2f6fb0}.new{background:#fff0c2;border-color:#a86b00;"
	"border-width:2.5px}\n"
	".bit{display:inline-block;width:.45rem;height:.8rem;border:1px solid #8c99a6;margin:0 1px 0 "
	"0}.bits{white-space:nowrap;overflow:hidden;font-size:.78rem}"
	".on{background:#2f6fb0}\n"
	".mine{background:#dff3df;border:1.5px solid #2e7d32;border-radius:4px;padding:0 .4rem}\n"
	"body.js section{display:none}body.js section.shown{display:grid}\n"
	"#bar{display:none}body.js #bar{display:block}"
	"@media(max-width:50rem){section{grid-template-columns:minmax(0,1fr)}}\n"
	"</style>\n";

static const char script[] =
	"<script>\n(function(){var all=[].slice.call(document.querySelectorAll('section')),at=0;\n"
	"function show(n){at=Math.max(0,Math.min(all.length-1,n));all.forEach(function(s,i){"
	"s.classList.toggle('shown',i===at)});history.replaceState(null,'','#'+all[at].id);"
	"document.getElementById('place').textContent=(at+1)+' of '+all.length}\n"
	"document.body.className='js';\n"
	"document.addEventListener('keydown',function(e){var k=e.key;"
	"if(k==='ArrowRight'||k==='ArrowDown'||k===' '||k==='PageDown'){show(at+1);e.preventDefault()}"
	"if(k==='ArrowLeft'||k==='ArrowUp'||k==='PageUp'){show(at-1);e.preventDefault()}"
	"if(k==='Home')show(0);if(k==='End')show(all.length-1)});\n"
	"document.getElementById('back').onclick=function(){show(at-1)};"
	"document.getElementById('next').onclick=function(){show(at+1)};\n"
	"var m=location.hash.match(/^#s(\\d+)$/);show(m?m[1]-1:0)})();\n</script>\n";

void walk_add_escaped(struct buf *out, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '&': buf_adds(out, "&amp;"); break;
		case '<': buf_adds(out, "&lt;"); break;
		case '>': buf_adds(out, "&gt;"); break;
		case '"': buf_adds(out, "&quot;"); break;
		case '\'': buf_adds(out, "&#39;"); break;
		default: buf_addc(out, *text); break;
		}
}

static void add_list(struct buf *out, const char *title, char *const lines[])
{
	if (!lines[0])
		return;
	buf_addf(out, "<h3>%s</h3><ul>", title);
	for (char *const *l = lines; *l; l++) {
		buf_adds(out, "<li>");
		walk_add_escaped(out, *l);
		buf_adds(out, "</li>");
	}
	buf_adds(out, "</ul>\n");
}

static void add_step(struct buf *out, const struct walk *w, size_t step)
{
	const struct explain_step_line *s = &w->lines.steps[step];
	_cleanup_strv_ char **born = walk_birth(w, step, CHANGES), **changes = walk_changes(w, step, CHANGES);
	_cleanup_strv_ char **calls = xcalloc(1, sizeof(char *));
	for (size_t i = 0; i < s->n_calls; i++)
		strv_push(&calls, s->calls[i].text);
	buf_addf(out, "<div><div class=\"who\">step %zu, process ", walk_number(w, step, NULL));
	walk_add_escaped(out, s->who);
	buf_addf(out, " (%d), chapter %d</div><h2>", s->pid, s->tutorial);
	walk_add_escaped(out, s->id);
	buf_adds(out, "</h2><p>");
	walk_add_escaped(out, s->why);
	if (s->mine) {
		buf_adds(out, " <span class=\"mine\">yours: ");
		walk_add_escaped(out, s->mine);
		buf_adds(out, "</span>");
	}
	buf_adds(out, "</p>\n");
	add_list(out, "A new process. Unlike its parent it has", born);
	add_list(out, "The calls", calls);
	add_list(out, "What they changed", changes);
	buf_adds(out, "</div>\n");
}

/* --- the state --- */

static bool has_fact(char *const facts[], const char *fact) { return facts && strv_has(facts, fact); }

/* new: not so before this step. own: not so in the first process of the walk, which is the host's. */
static void add_chip(struct buf *out, const struct walk *w, size_t step, const char *fact, const char *text)
{
	const struct explain_step_line *s = &w->lines.steps[step];
	bool fresh = !has_fact(s->before, fact), own = !has_fact(w->lines.steps[0].before, fact);
	buf_addf(out, "<span class=\"chip%s%s\" title=\"", own ? " own" : "", fresh ? " new" : "");
	walk_add_escaped(out, strchr(fact, '\t') ? strchr(fact, '\t') + 1 : fact);
	buf_adds(out, "\">");
	walk_add_escaped(out, text);
	buf_adds(out, fresh ? " *</span>" : "</span>");
}

/* All facts of a kind as chips: the key's rest, with the value where that tells more. */
static void add_kind(
	struct buf *out, const struct walk *w, size_t step, const char *kind, const char *title, bool values)
{
	const struct explain_step_line *s = &w->lines.steps[step];
	char **facts = s->after && s->after[0] ? s->after : s->before;
	size_t len = strlen(kind), n = 0, most = str_eq(kind, "mount") ? MOUNTS : CHIPS;
	buf_addf(out, "<div class=\"box\"><b>%s</b>", title);
	for (char **f = facts; f && *f; f++) {
		if (strncmp(*f, kind, len) != 0 || (*f)[len] != ' ' || n++ >= most)
			continue;
		const char *value = strchr(*f, '\t');
		_cleanup_free_ char *text = xasprintf("%.*s%s%.60s", (int)(strcspn(*f, "\t") - len - 1),
			*f + len + 1, values ? " " : "", values && value ? value + 1 : "");
		add_chip(out, w, step, *f, text);
	}
	if (n > most)
		buf_addf(out, " and %zu more", n - most);
	buf_adds(out, n ? "</div>\n" : "nothing</div>\n");
}

/* A square for each capability; the value is "14 (00000000a80425fb)". */
static void add_capabilities(struct buf *out, const struct walk *w, size_t step)
{
	static const char *const sets[] = { "bounding", "permitted", "effective", "inheritable", "ambient" };
	const struct explain_step_line *s = &w->lines.steps[step];
	char **facts = s->after && s->after[0] ? s->after : s->before;
	buf_adds(out, "<div class=\"box\"><b>capabilities, a square for each of 41</b>");
	for (size_t i = 0; i < ARRAY_LEN(sets); i++)
		for (char **f = facts; f && *f; f++) {
			const char *value = strchr(*f, '(');
			if (!str_starts(*f, "capabilities ") || !value || !str_starts(*f + 13, sets[i]))
				continue;
			uint64_t bits = strtoull(value + 1, NULL, 16);
			buf_adds(out, "<div class=\"bits\" title=\"");
			walk_add_escaped(out, *f);
			buf_adds(out, "\">");
			for (int bit = 0; bit <= LAST_CAPABILITY; bit++)
				buf_addf(out, "<span class=\"bit%s\"></span>", bits >> bit & 1 ? " on" : "");
			buf_addf(out, " %s%s</div>", sets[i], has_fact(s->before, *f) ? "" : " *");
		}
	buf_adds(out, "</div>\n");
}

static void add_state(struct buf *out, const struct walk *w, size_t step)
{
	const struct explain_step_line *s = &w->lines.steps[step];
	buf_addf(out, "<div class=\"box\"><b>process %d %s this step (blue: not the host's; * new)</b>\n",
		s->pid, s->after && s->after[0] ? "after" : "before");
	add_kind(out, w, step, "namespace", "namespaces", false);
	add_kind(out, w, step, "directory", "directories", true);
	add_kind(out, w, step, "mount", "mounts it sees", false);
	add_kind(out, w, step, "cgroup", "cgroups", true);
	add_kind(out, w, step, "link", "network links it sees", false);
	add_kind(out, w, step, "user", "user", true);
	add_capabilities(out, w, step);
	add_kind(out, w, step, "filter", "filter of system calls", true);
	add_kind(out, w, step, "descriptor", "open descriptors", false);
	buf_adds(out, "</div>\n");
}

int walk_write_page(const struct walk *w, const char *path, struct mc_err *err)
{
	_cleanup_buf_ struct buf out = { 0 };
	buf_adds(&out, head);
	buf_adds(&out, "<title>minictr");
	for (char **c = w->command; c && *c; c++) {
		buf_addc(&out, ' ');
		walk_add_escaped(&out, *c);
	}
	buf_adds(&out, "</title></head><body>\n<h1>minictr");
	for (char **c = w->command; c && *c; c++) {
		buf_addc(&out, ' ');
		walk_add_escaped(&out, *c);
	}
	buf_adds(&out, "</h1><p>Recorded step by step on Linux ");
	walk_add_escaped(&out, w->kernel ? w->kernel : "");
	buf_adds(&out, ".</p>\n<p id=\"bar\"><button id=\"back\">back</button> <span id=\"place\"></span> "
		       "<button id=\"next\">next</button> (or the arrow keys)</p>\n");
	for (size_t i = 0; i < w->lines.n_steps; i++) {
		if (!w->lines.steps[i].id)
			continue;
		buf_addf(&out, "<section id=\"s%zu\">\n", walk_number(w, i, NULL));
		add_step(&out, w, i);
		add_state(&out, w, i);
		buf_adds(&out, "</section>\n");
	}
	buf_adds(&out, script);
	buf_adds(&out, "</body></html>\n");
	return output_write(path, out.data, out.len, 0644, err);
}
