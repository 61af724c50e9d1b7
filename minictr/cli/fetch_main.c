/*
 * fetch_main.c - minictr-fetch URL: what a URL gives, on standard output; its time (Last-Modified), in
 * seconds, as the only line on descriptor 3. For ADD and for build contexts: minictr-build itself loads no
 * HTTP library.
 */
#include <time.h>

#include "base/file.h"
#include "registry/http.h"

static int to_stdout(
	void *arg, const struct http_reply *reply, const void *data, size_t len, struct mc_err *err)
{
	return file_write_all(1, data, len, err);
}

static long long last_modified(const struct http_reply *reply)
{
	struct tm tm = { 0 };
	_cleanup_free_ char *text = http_header(reply, "Last-Modified", 0);
	return text && strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm) ? (long long)timegm(&tm) : 0;
}

int main(int argc, char **argv)
{
	struct mc_err err = { 0 };
	_cleanup_http_reply_ struct http_reply reply = { 0 };
	if (argc != 2)
		die(125, "minictr-fetch: wanted one URL");
	struct http *http = http_new(&(struct http_options){ 0 });
	struct http_request q = { .url = argv[1], .sink = to_stdout };
	int rc = http_send(http, &q, &reply, &err);
	if (rc >= 0 && reply.status / 100 != 2)
		rc = err_set(&err, EIO, "%s: the server answered %ld", argv[1], reply.status);
	http_free(http);
	if (rc < 0) {
		err_print(&err, "minictr");
		return 1;
	}
	dprintf(3, "%lld\n", last_modified(&reply));
	return 0;
}
