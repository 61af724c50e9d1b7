/*
 * fuzz_compose.c - any bytes as a compose file: loaded with interpolation, merges and checks, ordered, printed and read back, written for
 * Kubernetes; and the same bytes as a .env file.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/warn.h"
#include "base/yaml.h"
#include "compose/dotenv.h"
#include "compose/graph.h"
#include "compose/kube.h"
#include "compose/service.h"
#include "compose/yaml_json.h"

static void use(struct project *p, FILE *out)
{
	struct mc_err err = { 0 };
	struct kube k = { 0 };
	struct graph g;
	graph_of_project(p, &g);
	int *order = calloc(g.n + 1, sizeof(*order));
	if (graph_order(&g, order, &err) < 0)
		abort(); /* loading has refused circles */
	free(order);
	graph_release(&g);
	for (size_t i = 0; i < p->services->n; i++) {
		char hash[SERVICE_HASH_LEN + 1];
		service_hash(p, p->services->keys[i], hash);
	}
	if (kube_of_project(p, &k, &err) == 0)
		kube_print(&k, out);
	kube_release(&k);
	_cleanup_json_ struct json *j = ynode_to_json(p->model);
	ynode_escape(p->model);
	ynode_print(p->model, out);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
	static FILE *out;
	char path[64];
	static char *env[] = { "A=a", "EMPTY=", "PATH=/bin", NULL };
	if (!out) {
		out = fopen("/dev/null", "we");
		warn_to(warn_drop);
	}
	int fd = memfd_create("compose", MFD_CLOEXEC);
	if (n > 1 << 16 || write(fd, data, n) != (ssize_t)n)
		return close(fd), 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	struct mc_err err = { 0 };
	char *const files[] = { path, NULL };
	struct project_options o = { .files = files, .directory = "/tmp", .name = "fuzz", .environment = env };
	struct project p;
	if (project_load(&o, &p, &err) == 0)
		use(&p, out);
	project_release(&p);
	struct variables v = { .environment = env };
	char **lines = NULL;
	err = (struct mc_err){ 0 };
	dotenv_read(AT_FDCWD, path, &v, n & 1, &lines, &err);
	strv_free(lines);
	strv_free(v.missing);
	close(fd);
	return 0;
}
