/*
 * nft.c - how rules reach the kernel: by a helper that has libnftables, so that `minictr` stays light.
 *
 * Kernel interface: netlink(7), family NETLINK_NETFILTER; nft(8).
 * Why a helper: libnftables is a compiler for rules, with four more libraries behind it; they would be loaded
 * by every `ps`. The helper is started only when rules change: for a new network, after another program has
 * flushed all rules. One transaction, one process, however many rules. Published ports are elements of a map,
 * for which nft_element.c needs neither.
 * The question whether the table is there is asked with one netlink message of our own, at each start.
 */
#include "network/nft.h"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <endian.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/explain.h"
#include "base/file.h"
#include "base/program.h"
#include "base/spawn.h"
#include "base/sys.h"
#include "network/message.h"
#include "network/nft_element.h"

void text_line(struct text *t, const char *fmt, ...)
{
	va_list ap;
	char *line;
	va_start(ap, fmt);
	if (vasprintf(&line, fmt, ap) < 0)
		abort();
	va_end(ap);
	buf_adds(&t->buf, line);
	buf_addc(&t->buf, '\n');
	free(line);
}

/* What nft said: the first line is enough, the rest repeats the command. */
static int nft_refused(int said, int status, struct mc_err *err)
{
	char text[400];
	ssize_t n = read(said, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	int code = status == 17 ? EEXIST : status == 2 ? ENOENT : EIO;
	err_set(err, code, "nftables refused our rules: %s", *text ? text : "it said nothing");
	return code == EIO
		       ? err_hint(err, "`minictr explain -v` shows them; does this kernel have nf_tables?")
		       : -code;
}

static void nft_explain(const struct text *t, int rc)
{
	_cleanup_free_ char *text = xstrdup(t->buf.data);
	char *save = NULL;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		explain_call(rc, "nft %s", line);
}

static int nft_run_helper(const struct text *t, struct mc_err *err)
{
	_cleanup_free_ char *path = NULL;
	int said[2] = { -1, -1 }, status = -1;
	int rc = program_path("minictr-nft", &path, err);
	_cleanup_close_ int text = rc < 0 ? rc : file_of_bytes(t->buf.data, t->buf.len, err);
	if (text < 0)
		return text;
	rc = sys_pipe(said, err);
	if (rc < 0)
		return rc;
	_cleanup_close_ int heard = said[0];
	char *argv[] = { path, NULL };
	struct spawn s = { .argv = argv, .in = text, .out = said[1], .err = said[1] };
	pid_t pid = spawn_start(&s, err);
	close_fd(said[1]);
	if (pid < 0)
		return pid;
	rc = sys_wait(pid, &status, err);
	if (rc >= 0 && status != 0)
		rc = nft_refused(heard, WIFEXITED(status) ? WEXITSTATUS(status) : 125, err);
	return rc;
}

int nft_run(const struct text *t, struct mc_err *err)
{
	int rc = 0;
	if (!t->buf.len)
		return 0;
	if (!nft_elements_run(t, &rc))
		rc = nft_run_helper(t, err);
	else if (rc < 0)
		err_code(err, rc, "nftables refused a published port: %.*s", (int)strcspn(t->buf.data, "\n"),
			t->buf.data);
	if (explain_on(EXPLAIN_CALLS))
		nft_explain(t, rc < 0 ? rc : 0);
	return rc < 0 ? rc : 0;
}

uint64_t nft_table_handle(const char *table)
{
	struct mc_err ignored = { 0 };
	struct message m;
	struct nfgenmsg g = { .nfgen_family = 1 /* NFPROTO_INET */, .version = NFNETLINK_V0 };
	_Alignas(struct nlmsghdr) char answer[4096];
	struct nlmsghdr *h = (struct nlmsghdr *)m.bytes, *a = (struct nlmsghdr *)answer;
	_cleanup_close_ int nl = sys_netlink(NETLINK_NETFILTER, &ignored);
	if (nl < 0)
		return 0;
	message_begin(&m, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETTABLE, 0, &g, sizeof(g));
	message_string(&m, NFTA_TABLE_NAME, table);
	if (send(nl, h, h->nlmsg_len, 0) < 0)
		return 0;
	ssize_t n = recv(nl, answer, sizeof(answer), 0);
	if (n < 0 || !NLMSG_OK(a, (size_t)n) || a->nlmsg_type == NLMSG_ERROR)
		return 0;
	const uint64_t *handle = message_find(a, sizeof(g), NFTA_TABLE_HANDLE, NULL);
	uint64_t value = 1; /* a kernel that does not say it */
	if (handle)
		memcpy(&value, handle, sizeof(value));
	return handle ? be64toh(value) : value;
}

static int nft_one_rule(const struct nlmsghdr *h, void *data)
{
	*(bool *)data = true;
	return 0;
}

bool nft_chain_has_rules(const char *table, const char *chain)
{
	struct nfgenmsg g = { .nfgen_family = 1 /* NFPROTO_INET */, .version = NFNETLINK_V0 };
	struct mc_err ignored = { 0 };
	struct message m;
	bool found = false;
	_cleanup_close_ int nl = sys_netlink(NETLINK_NETFILTER, &ignored);
	if (nl < 0)
		return false;
	message_begin(&m, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETRULE, 0, &g, sizeof(g));
	message_string(&m, NFTA_RULE_TABLE, table);
	message_string(&m, NFTA_RULE_CHAIN, chain);
	message_dump(nl, &m, nft_one_rule, &found);
	return found;
}
