/*
 * test_pull.c - the contracts of blob_fetch() and image_pull(): only the right bytes enter the store, and a name moves last. The
 * registry is a child process that speaks just enough HTTP on 127.0.0.1.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "records.h"
#include "registry/pull.h"
#include "registry/settings.h"

enum { FILES = 8, ROOM = 4096 };
/* Shared with the child: what it serves, and how often it was asked. */
static struct served {
	struct {
		char path[160], type[80], body[ROOM];
		size_t len;
		int asked;
	} file[FILES];
	size_t n;
} * all;
static pid_t server;
static char host[32];

static void answer(int fd)
{
	char request[ROOM] = "", method[8], path[512], head[400];
	for (size_t n = 0; n < sizeof(request) - 1 && !strstr(request, "\r\n\r\n");) {
		ssize_t got = recv(fd, request + n, sizeof(request) - 1 - n, 0);
		if (got <= 0)
			return;
		n += (size_t)got;
	}
	if (sscanf(request, "%7s %511s", method, path) != 2)
		return;
	size_t i = 0;
	while (i < all->n && !str_eq(all->file[i].path, path))
		i++;
	bool found = i < all->n, ping = str_eq(path, "/v2/");
	size_t len = found ? all->file[i].len : 2;
	int n = snprintf(head, sizeof(head),
		"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
		found || ping ? "200 OK" : "404 Not Found", found ? all->file[i].type : "application/json",
		len);
	send(fd, head, (size_t)n, MSG_NOSIGNAL);
	if (!str_eq(method, "HEAD"))
		send(fd, found ? all->file[i].body : "{}", len, MSG_NOSIGNAL);
	if (found)
		all->file[i].asked++;
}

static void begin(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	records_begin();
	all = mmap(NULL, sizeof(*all), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert(bind(sock, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(sock, 8) == 0);
	getsockname(sock, (struct sockaddr *)&a, &len);
	snprintf(host, sizeof(host), "127.0.0.1:%d", ntohs(a.sin_port));
	server = fork();
	if (server == 0)
		for (;;) {
			int fd = accept(sock, NULL, NULL);
			answer(fd);
			close(fd);
		}
	close(sock);
	setenv("MINICTR_CONFIG", "/dev/null", 1);
	registry_settings_load(&err);
	registry_settings()->attempts = 1;
	err = (struct mc_err){ 0 };
}

static void end(void)
{
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	munmap(all, sizeof(*all));
	records_end();
}

/* Serves body; the place in all->file. */
static size_t serve(const char *path, const char *type, const char *body)
{
	size_t i = all->n++;
	snprintf(all->file[i].path, sizeof(all->file[i].path), "%s", path);
	snprintf(all->file[i].type, sizeof(all->file[i].type), "%s", type);
	snprintf(all->file[i].body, ROOM, "%s", body);
	all->file[i].len = strlen(body);
	return i;
}

static size_t serve_blob(const char *named_for, const char *body, struct digest *ret)
{
	digest_of(named_for, strlen(named_for), ret);
	_cleanup_free_ char *path = xasprintf("/v2/team/app/blobs/%s", ret->text);
	return serve(path, "application/octet-stream", body);
}

static struct image_name name(void)
{
	struct image_name n;
	_cleanup_free_ char *word = xasprintf("%s/team/app:1", host);
	OK(image_name_parse(word, &n, &err));
	return n;
}

static int fetch(const struct digest *d)
{
	_cleanup_remote_ struct remote r = { 0 };
	struct image_name n = name();
	OK(remote_open(&n, 0, &r, &err));
	return blob_fetch(&r, d, e.store, &err);
}

/* --- blob_fetch --- */

START_TEST(right_bytes_are_kept)
{
	struct digest d;
	size_t i = serve_blob("forty-two bytes of a layer", "forty-two bytes of a layer", &d);
	OK(fetch(&d));
	ck_assert(store_has(e.store, &d));
	ck_assert_int_eq(all->file[i].asked, 1);
	OK(fetch(&d)); /* it is there: the registry is not asked */
	ck_assert_int_eq(all->file[i].asked, 1);
}
END_TEST

START_TEST(wrong_bytes_are_not)
{
	struct digest d;
	size_t i = serve_blob("the layer", "the lAyer", &d); /* of the right length */
	ck_assert_int_eq(fetch(&d), -EBADMSG);
	ck_assert(!store_has(e.store, &d));
	ck_assert_msg(strstr(err.what, d.text), "%s", err.what);
	snprintf(all->file[i].body, ROOM, "the layer"); /* nothing of the wrong ones is in the way */
	OK(fetch(&d));
	ck_assert(store_has(e.store, &d));
}
END_TEST

START_TEST(a_blob_has_a_limit)
{
	struct digest d;
	size_t i = serve_blob("0123456789ab", "0123456789ab", &d);
	registry_settings()->max_blob = 11;
	ck_assert_int_eq(fetch(&d), -EFBIG);
	_cleanup_free_ char *part = xasprintf("ingest/%s.part", digest_hex(&d));
	ck_assert(!store_has(e.store, &d) && !path_exists(e.store, part)); /* what came is dropped */
	registry_settings()->max_blob = 12;
	OK(fetch(&d));
	ck_assert_int_eq(all->file[i].asked, 2);
}
END_TEST

START_TEST(a_missing_blob_is_an_error)
{
	struct digest d;
	digest_of("absent", 6, &d);
	ck_assert_int_lt(fetch(&d), 0);
	ck_assert(!store_has(e.store, &d));
}
END_TEST

/* --- image_pull --- */

static char *config(const char *arch)
{
	return xasprintf("{\"os\":\"linux\",\"architecture\":\"%s\",\"config\":{\"Cmd\":[\"%s\"]},"
			 "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}",
		arch, arch);
}

static size_t serve_manifest(const struct digest *cfg, size_t size)
{
	_cleanup_free_ char *text = xasprintf("{\"schemaVersion\":2,\"mediaType\":\"" MEDIA_OCI_MANIFEST "\","
					      "\"config\":{\"mediaType\":\"" MEDIA_OCI_CONFIG
					      "\",\"digest\":\"%s\",\"size\":%zu},\"layers\":[]}",
		cfg->text, size);
	return serve("/v2/team/app/manifests/1", MEDIA_OCI_MANIFEST, text);
}

static bool known(struct digest *ret)
{
	_cleanup_image_ struct image img = { 0 };
	struct mc_err none;
	struct image_name n = name();
	_cleanup_free_ char *full = image_name_full(&n);
	bool there = image_lookup(e.store, full, &img, &none) >= 0;
	*ret = img.manifest;
	return there;
}

START_TEST(a_pull_ends_with_the_name)
{
	struct digest cfg, was, now;
	struct image_name n = name();
	_cleanup_free_ char *text = config("amd64"), *newer = xasprintf("%s ", text);
	serve_blob(text, text, &cfg);
	size_t m = serve_manifest(&cfg, strlen(text));
	ck_assert(!known(&was));
	OK(image_pull(&n, e.store, &err));
	ck_assert(known(&was) && store_has(e.store, &cfg));
	/* the tag has moved, and what it names cannot be fetched whole: the old image stays */
	all->n = m;
	serve_blob(newer, text, &cfg);
	serve_manifest(&cfg, strlen(newer));
	ck_assert_int_lt(image_pull(&n, e.store, &err), 0);
	ck_assert(known(&now) && digest_eq(&was, &now) && !store_has(e.store, &cfg));
	/* now it can: the name moves, though an image of it was here */
	all->n = m;
	serve_blob(newer, newer, &cfg);
	serve_manifest(&cfg, strlen(newer));
	OK(image_pull(&n, e.store, &err));
	ck_assert(known(&now) && !digest_eq(&was, &now));
}
END_TEST

START_TEST(a_pull_that_fails_leaves_no_name)
{
	struct digest cfg, now;
	struct image_name n = name();
	_cleanup_free_ char *text = config("amd64");
	ck_assert_int_lt(image_pull(&n, e.store, &err), 0); /* no such tag */
	digest_of(text, strlen(text), &cfg);
	serve_manifest(&cfg, strlen(text));
	ck_assert_int_lt(image_pull(&n, e.store, &err), 0); /* a manifest, and nothing behind it */
	ck_assert(!known(&now));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("pull");
	TCase *t = tcase_create("pull");
	tcase_add_checked_fixture(t, begin, end);
	const TTest *const tests[] = { right_bytes_are_kept, wrong_bytes_are_not, a_blob_has_a_limit,
		a_missing_blob_is_an_error, a_pull_ends_with_the_name, a_pull_that_fails_leaves_no_name };
	for (size_t i = 0; i < ARRAY_LEN(tests); i++)
		tcase_add_test(t, tests[i]);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
