/*
 * drive.c - calls one function of lab 05; `serve` is the registry it talks to (the grader starts that one from the reference).
 *
 * drive name TEXT                      image_name_parse(), hold with host, path, tag
 * drive ask TEXT                       image_name_parse(), then the manifest is asked for; docker.io is asked by its mirror, this server
 * drive token WORD SCOPE USER PASS SERVICE   registry_token() of a challenge for SCOPE, hold with the token; USER -: no login;
 *                                      SERVICE -: SCOPE is the whole challenge;   token-bad
 * drive choose WORD OS/ARCH ENTRY..    manifest_choose(); ENTRY: OS/ARCH=DIGEST (-=DIGEST: no platform); hold with the digest
 * drive blob DIGEST                    blob_fetch() of 127.0.0.1:5005/team/app into /work/root
 * drive pull NAME                      image_pull() into /work/root
 * drive serve                          HTTP on port 5005 from /work/www; log in /work/log; /work/mode: how blobs are sent
 *                                      (good flip cut endless, stall: half of a large one, then nothing), away: /token moved to 127.0.0.2
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/util.h"
#include "learn/drive.h"
#include "image/store.h"
#include "registry/pull.h"
#include "registry/settings.h"

enum { PORT = 5005, STILL_HELD = 121 };
static struct mc_err err;

static int hold(const char *a, const char *b, const char *c, const char *d)
{
	execl("/lab/probe", "probe", "hold", a, b, c, d, NULL);
	return DRIVE_NO_PROBE;
}

static int failed(int rc)
{
	int status = drive_result(rc, &err);
	return status > 0 && status < 120 ? status : 119;
}

/* --- the registry --- */

static void lo_up(void)
{
	struct ifreq r = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s < 0 || ioctl(s, SIOCSIFFLAGS, &r) < 0)
		perror("lo up");
	close(s);
}

static void note(const char *text)
{
	int fd = open("/work/log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd >= 0 && write(fd, text, strlen(text)) >= 0)
		close(fd);
}

static char *slurp(const char *path, size_t *ret_n)
{
	static char data[1 << 20];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, data, sizeof(data) - 1);
	close_fd(fd);
	if (n < 0)
		return NULL;
	data[n] = '\0';
	*ret_n = (size_t)n;
	return data;
}

static void put(int s, const char *data, size_t n)
{
	if (send(s, data, n, MSG_NOSIGNAL) < 0)
		return;
}

static bool mode_is(const char *word)
{
	size_t n;
	return str_eq(slurp("/work/mode", &n), word);
}

/* Half of the bytes and no more, until the grader says otherwise. */
static void stall(int s, const char *data, size_t n)
{
	put(s, data, n / 2);
	for (int i = 0; i < 400 && mode_is("stall"); i++)
		usleep(20000);
}

static void answer(int s, const char *path, bool head, size_t from)
{
	size_t n = 0;
	char mode[16] = "good", *m = slurp("/work/mode", &n), *file = xasprintf("/work/www%s", path);
	if (m)
		snprintf(mode, sizeof(mode), "%s", m);
	if (str_eq(mode, "away") && str_eq(path, "/token")) {
		char *moved =
			xasprintf("HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.2:%d/moved\r\n"
				  "Content-Length: 0\r\nConnection: close\r\n\r\n",
				PORT);
		put(s, moved, strlen(moved));
		return;
	}
	struct stat st;
	bool dir = stat(file, &st) == 0 && S_ISDIR(st.st_mode);
	char *data = dir ? NULL : slurp(file, &n);
	if (str_eq(path, "/v2/")) {
		data = xstrdup("{}");
		n = 2;
	}
	if (!data) {
		static const char none[] =
			"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
		put(s, none, strlen(none));
		return;
	}
	bool blob = strstr(path, "/blobs/") != NULL, endless = blob && str_eq(mode, "endless");
	if (blob && str_eq(mode, "flip") && n)
		data[n / 2] ^= 1;
	bool index = data && memmem(data, n, "\"manifests\"", 11);
	const char *type = !strstr(path, "/manifests/") ? "application/json"
			   : index                      ? "application/vnd.oci.image.index.v1+json"
							: "application/vnd.oci.image.manifest.v1+json";
	char *top = endless ? xasprintf("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
			    : xasprintf("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: "
					"%zu\r\nConnection: close\r\n\r\n",
				      blob ? "application/octet-stream" : type, n);
	if (blob && from && from < n && str_eq(mode, "good")) { /* RFC 9110, 14.4 */
		top = xasprintf(
			"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %zu-%zu/%zu\r\nContent-Length: "
			"%zu\r\nConnection: close\r\n\r\n",
			from, n - 1, n, n - from);
		data += from;
		n -= from;
	}
	put(s, top, strlen(top));
	if (head)
		return;
	if (blob && n > 10000 && str_eq(mode, "stall")) {
		stall(s, data, n);
		return;
	}
	put(s, data, blob && str_eq(mode, "cut") ? n / 2 : n);
	for (int i = 0; endless && i < 4000; i++)
		put(s, data, n);
}

static int serve(void)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr.s_addr = htonl(INADDR_ANY)
	};
	int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	signal(SIGPIPE, SIG_IGN);
	lo_up();
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(listener, 16) < 0)
		return 1;
	note("ready\n");
	for (;;) {
		static char text[8192];
		size_t have = 0;
		int s = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		while (s >= 0 && have < sizeof(text) - 1) {
			ssize_t n = read(s, text + have, sizeof(text) - 1 - have);
			if (n <= 0)
				break;
			have += (size_t)n;
			text[have] = '\0';
			if (strstr(text, "\r\n\r\n"))
				break;
		}
		char verb[16] = "", path[2048] = "";
		if (s >= 0 && sscanf(text, "%15s %2047s", verb, path) == 2) {
			char *auth = strcasestr(text, "\nauthorization:");
			char *range = strcasestr(text, "\nrange: bytes="),
			     *host = strcasestr(text, "\nhost: ");
			size_t from = range ? strtoul(range + 14, NULL, 10) : 0;
			char *line = xasprintf("%s %s auth=%.*s host=%.*s from=%zu\n", verb, path,
				auth ? (int)strcspn(auth + 15, "\r\n") : 1, auth ? auth + 15 : "-",
				host ? (int)strcspn(host + 7, "\r\n") : 1, host ? host + 7 : "-", from);
			note(line);
			free(line);
			path[strcspn(path, "?")] = '\0';
			answer(s, path, str_eq(verb, "HEAD"), from);
		}
		close_fd(s);
	}
}

/* --- the functions --- */

static int drive_choose(int argc, char **argv)
{
	struct index_entry entries[8] = { 0 };
	struct index index = { .entries = entries };
	struct platform want = { 0 };
	struct digest got = { "" };

	if (platform_parse(argv[3], &want, &err) < 0)
		drive_trouble("%s", err.what);
	for (int i = 4; i < argc && index.count < 8; i++) {
		char *equal = strchr(argv[i], '=');
		*equal = '\0';
		struct index_entry *e = &entries[index.count++];
		if ((!str_eq(argv[i], "-") && platform_parse(argv[i], &e->platform, &err) < 0) ||
			digest_parse(equal + 1, &e->digest, &err) < 0)
			drive_trouble("%s", err.what);
		e->size = 100;
	}
	int rc = OWNED(manifest_choose(&index, &want, &got, &err));
	return rc < 0 ? failed(rc) : hold(argv[2], got.text, NULL, NULL);
}

static int drive_token(char **argv, bool bad)
{
	struct login who = { .user = str_eq(argv[4], "-") ? NULL : argv[4],
		.password = str_eq(argv[4], "-") ? NULL : argv[5],
		.http = http_new(&(struct http_options){ .attempts = 1 }) };
	char *token = NULL,
	     *challenge = xasprintf("Bearer realm=\"http://127.0.0.1:%d/%s\",service=\"%s\",scope=\"%s\"",
		     PORT, bad ? "nothing" : "token?account=team", argv[6], argv[3]);
	if (str_eq(argv[6], "-"))
		challenge = argv[3]; /* as it is */
	int rc = OWNED_FDS(ANY_FDS, registry_token(challenge, &who, &token, &err));
	return rc < 0 ? failed(rc) : hold(argv[2], token, NULL, NULL);
}

static int drive_blob(const char *text)
{
	struct image_name name = { .host = "127.0.0.1:5005", .path = "team/app", .tag = "1" };
	struct remote r = { 0 };
	struct digest d;
	int store = store_open("/work/root", &err);

	if (store < 0 || digest_parse(text, &d, &err) < 0 || remote_open(&name, 0, &r, &err) < 0) {
		drive_trouble("%s", err.what);
	}
	int rc = OWNED_FDS(ANY_FDS, blob_fetch(&r, &d, store, &err));
	return rc < 0 ? failed(rc) : 0;
}

/* Whatever comes back: the log of the server tells who was asked for what. */
static int drive_ask(const char *text)
{
	static char *mirrors[2];
	struct image_name n = { 0 };
	struct remote r = { 0 };
	struct manifest m = { 0 };
	int rc = OWNED(image_name_parse(text, &n, &err));

	if (rc < 0)
		return failed(rc);
	mirrors[0] = xasprintf("http://127.0.0.1:%d", PORT);
	registry_settings()->mirrors = mirrors;
	if (remote_open(&n, 0, &r, &err) >= 0 && manifest_fetch(&r, NULL, &m, &err) < 0)
		fprintf(stderr, "%s\n", err.what);
	return 0;
}

static int drive_pull(const char *repository, const char *tag)
{
	struct image_name name = { .host = "127.0.0.1:5005" };
	int store = store_open("/work/root", &err);

	snprintf(name.path, sizeof(name.path), "%s", repository);
	snprintf(name.tag, sizeof(name.tag), "%s", tag);
	int rc = OWNED_FDS(ANY_FDS, image_pull(&name, store, &err));
	int busy = open("/work/root/images.busy", O_RDONLY | O_CLOEXEC);
	if (busy >= 0 && flock(busy, LOCK_EX | LOCK_NB) < 0 && rc >= 0)
		return STILL_HELD;
	return rc < 0 ? failed(rc) : 0;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (str_eq(verb, "serve"))
		return serve();
	if (registry_settings_load(&err) < 0)
		drive_trouble("%s", err.what);
	registry_settings()->attempts = 1;
	registry_settings()->max_blob = 8 << 20;
	if (str_eq(verb, "name") && argc > 2) {
		struct image_name n = { "old", "old", "old", { "old" } }; /* it fills all of it */
		int rc = OWNED(image_name_parse(argv[2], &n, &err));
		return rc < 0 ? failed(rc) : hold(n.host, n.path, n.tag, n.digest.text);
	}
	if (str_eq(verb, "ask") && argc > 2)
		return drive_ask(argv[2]);
	if (str_starts(verb, "token") && argc > 6)
		return drive_token(argv, str_eq(verb, "token-bad"));
	if (str_eq(verb, "choose") && argc > 4)
		return drive_choose(argc, argv);
	if (str_eq(verb, "blob") && argc > 2)
		return drive_blob(argv[2]);
	if (str_eq(verb, "pull") && argc > 3)
		return drive_pull(argv[2], argv[3]);
	fprintf(stderr, "drive: what is \"%s\"?\n", verb);
	return 2;
}
