/*
 * drive.c - calls one function of lab 09. Containers are ordinary processes here, with true records in an engine root: what the
 * engine reads, signals and removes is all there, and no container runtime is needed.
 *
 * drive order WORD NAME.. - A:B..        graph_order(), A needs B; a process `probe hold NAME` for each node in the order; then hold with the answer
 * drive wait WORD NAME CONDITION         service_wait(); hold with the answer
 * drive reconcile WORD w:.. h:..         reconcile(); its actions are done with processes; hold with the answer
 *                                        w:SERVICE:SCALE:HASH:IMAGE:forced|kept|renew|-  what is wanted    h:SERVICE:NUMBER:HASH:IMAGE:run|end:oneoff|-  what is there
 * drive down WORD PROJECT FLAGS          project_down(); FLAGS: v volumes, o orphans, m with the model of /work/compose.yaml
 * drive plant NAME STATUS LABEL=VALUE..  a container; when it runs, a process that writes to /work/log when it is told to end
 * drive health NAME TEXT                 its health check has said so ("-": it has none)
 * drive begin NAME | end NAME CODE | gone NAME   it starts; it has ended; its record goes
 * drive network NAME PROJECT | volume NAME PROJECT   one of each, with the project's label ("-": none)
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/file.h"
#include "base/util.h"
#include "compose/graph.h"
#include "compose/reconcile.h"
#include "compose/up.h"
#include "compose/wait.h"
#include "engine/names.h"
#include "engine/network_jobs.h"
#include "engine/volumes.h"
#include "learn/drive.h"

static struct mc_err err;
static struct engine engine;

static void must(long rc, const char *what)
{
	if (rc < 0)
		drive_trouble("%s: %s (%s)", what, err.what, strerror(errno));
}

/* Holds; what the function answered stands behind the word: "0", or the number of the error and its sentence. */
static int answer(const char *word, int rc)
{
	char number[16];
	snprintf(number, sizeof(number), "%d", rc < 0 ? -rc : rc);
	execl("/lab/probe", "probe", "hold", word, rc < 0 ? "error" : "success", number,
		rc < 0 ? err.what : "", NULL);
	return DRIVE_NO_PROBE;
}

/* Where errors are injected the drive has ended by now; elsewhere a positive answer is told as such. */
static pid_t start(const char *const argv[])
{
	int gate[2];
	char none;
	if (pipe2(gate, O_CLOEXEC) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		execv(argv[0], (char *const *)argv);
		_exit(DRIVE_NO_PROBE);
	}
	close(gate[1]);
	if (read(gate[0], &none, 1) < 0) /* ends at the exec: one after the other */
		pid = -1;
	close(gate[0]);
	return pid;
}

static pid_t start_probe(const char *name, const char *model)
{
	/* argv[0] is what the process is called; the file is the probe */
	return start((const char *const[]){ "/lab/probe", "hold", name, model, NULL });
}

/* --- 09.1 --- */

static int node_of(char *const names[], int n, const char *name, size_t len)
{
	for (int i = 0; i < n; i++)
		if (strlen(names[i]) == len && !strncmp(names[i], name, len))
			return i;
	drive_trouble("no node %s", name);
}

static int drive_order(int argc, char **argv)
{
	int n = 0, edges = 0, *from = xcalloc((size_t)argc, sizeof(int)),
	    *to = xcalloc((size_t)argc, sizeof(int));
	char **names = argv + 1;
	while (n + 1 < argc && !str_eq(names[n], "-"))
		n++;
	for (int i = n + 2; i < argc; i++, edges++) {
		const char *colon = strchr(argv[i], ':');
		from[edges] = node_of(names, n, argv[i], (size_t)(colon - argv[i]));
		to[edges] = node_of(names, n, colon + 1, strlen(colon + 1));
	}
	struct graph g = { (size_t)n, (const char *const *)names, (size_t)edges, from, to };
	int *order = xcalloc((size_t)n + 1, sizeof(int));
	for (int i = 0; i <= n; i++)
		order[i] = -1;
	int rc = OWNED(graph_order(&g, order, &err));
	for (int i = 0; rc == 0 && i < n; i++) {
		if (order[i] < 0 || order[i] >= n) {
			printf("order[%d] is %d, and there are %d nodes\n", i, order[i], n);
			return 92;
		}
		if (n <= 20 && start_probe(names[order[i]], NULL) < 0)
			return 93;
	}
	return answer(argv[0], rc);
}

/* --- containers that are processes --- */

static const char *const living =
	"trap 'echo \"$0 told\" >>/work/log; sleep 0.3; echo \"$0 ended\" >>/work/log; exit 0' TERM; "
	"while :; do sleep 0.05; done";

static void open_engine(void) { must(engine_open(&engine, "/work/root", &err), "engine_open"); }

static void give_process(struct container *c)
{
	pid_t pid = start((const char *const[]){ "/bin/sh", "-c", living, c->name, NULL });
	must(pid, "start");
	c->status = CONTAINER_RUNNING;
	c->started = 1;
	c->init.pid = pid;
	if (!process_id_fill(&c->init))
		drive_trouble("the process of %s is gone", c->name);
	snprintf(c->boot_id, sizeof(c->boot_id), "%s", container_boot_id());
}

static int drive_plant(int argc, char **argv)
{
	struct container c = {
		.name = xstrdup(argv[0]), .image = xstrdup("x"), .image_id = xstrdup("sha256:x"), .created = 1
	};
	unsigned long long hash = fnv1a(argv[0], strlen(argv[0]));
	snprintf(c.id, sizeof(c.id), "%016llx%016llx%016llx%016llx", hash, hash, hash, hash);
	open_engine();
	c.doc = json_new_object();
	c.config = json_set(c.doc, "Config", json_new_object());
	c.host = json_set(c.doc, "HostConfig", json_new_object());
	json_set_i64(c.config, "StopTimeout", 5);
	struct json *labels = json_set(c.config, "Labels", json_new_object());
	for (int i = 2; i < argc; i++) {
		_cleanup_free_ char *key = xstrndup(argv[i], strcspn(argv[i], "="));
		json_set_string(labels, key, argv[i] + strlen(key) + 1);
	}
	_cleanup_free_ char *dir = xasprintf("containers/%s", c.id);
	must(dir_make(engine.dir, dir, 0700, &err), "mkdir");
	must(name_claim(&engine, c.name, c.id, &err), "name_claim");
	if (str_eq(argv[1], "running"))
		give_process(&c);
	must(container_save(&engine, &c, &err), "container_save");
	must(container_save_state(&engine, &c, &err), "container_save_state");
	return 0;
}

static int drive_change(const char *verb, const char *name, const char *value)
{
	struct container c;
	open_engine();
	must(container_find(&engine, name, &c, &err), "container_find");
	if (str_eq(verb, "gone")) {
		_cleanup_free_ char *dir = xasprintf("containers/%s", c.id);
		name_free(&engine, c.name, c.id);
		must(dir_remove(engine.dir, dir, &err), "dir_remove");
		return 0;
	}
	if (str_eq(verb, "health"))
		c.health = str_eq(value, "-") ? NULL : xstrdup(value);
	if (str_eq(verb, "begin"))
		give_process(&c);
	if (str_eq(verb, "end")) {
		c.status = CONTAINER_EXITED;
		c.exit_code = atoi(value);
		c.finished = 2;
	}
	must(container_save_state(&engine, &c, &err), "container_save_state");
	return 0;
}

/* --- 09.2 --- */

static int drive_wait(char **argv)
{
	open_engine();
	int rc = OWNED(service_wait(&engine, argv[1], service_condition_parse(argv[2]), &err));
	return answer(argv[0], rc);
}

/* --- 09.3 --- */

static char *part(char **text)
{
	char *p = strsep(text, ":");
	return p ? p : (char *)"";
}

/* The process in this box that runs `probe hold NAME`. */
static void end_probe(const char *name)
{
	for (pid_t pid = 2; pid < 5000; pid++) {
		char path[64], line[256] = "";
		snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t n = fd < 0 ? 0 : read(fd, line, sizeof(line) - 1);
		close_fd(fd);
		const char *word = n > 5 && strlen(line) + 6 < (size_t)n ? line + strlen(line) + 6 : "";
		if (!str_eq(word, name))
			continue;
		kill(pid, SIGKILL);
		for (int i = 0; i < 200 && kill(pid, 0) == 0; i++)
			usleep(5000);
	}
}

static const char *hash_of(const struct model *m, const struct actual *have, const struct action *a)
{
	for (size_t i = 0; a->kind == ACTION_START && i < have->n; i++)
		if (have->items[i].c == a->c)
			return have->items[i].hash;
	for (size_t i = 0; i < m->n; i++)
		if (str_eq(m->services[i].name, a->service))
			return m->services[i].hash;
	return NULL;
}

/* Each container of a wanted service has an action. */
static bool all_spoken_of(const struct model *m, const struct actual *have, const struct actions *actions)
{
	for (size_t i = 0; i < have->n; i++) {
		int want = 0, n = 0;
		for (size_t s = 0; s < m->n; s++)
			want += !have->items[i].oneoff && str_eq(m->services[s].name, have->items[i].service);
		for (size_t k = 0; k < actions->n; k++)
			n += actions->items[k].c == have->items[i].c;
		if (n >= want) /* what is done too much shows by itself */
			continue;
		printf("there is no action for the container %s, and one that fits is ACTION_KEEP\n", have->items[i].c->name);
		return false;
	}
	return true;
}

static int act(const struct action *a, const char *model)
{
	_cleanup_free_ char *name = xasprintf("%s-%lld", a->service, (long long)a->number);
	if (a->kind != ACTION_CREATE && (!a->c || !str_eq(a->c->name, name))) {
		printf("action %d for %s names the container %s\n", a->kind, name,
			a->c ? a->c->name : "(none)");
		return 92;
	}
	if (!a->why || !*a->why) {
		printf("action %d for %s has no reason\n", a->kind, name);
		return 92;
	}
	if (a->kind == ACTION_REMOVE || a->kind == ACTION_RECREATE)
		end_probe(name);
	if (a->kind == ACTION_START || a->kind == ACTION_CREATE || a->kind == ACTION_RECREATE)
		start_probe(name, model);
	return 0;
}

static int drive_reconcile(int argc, char **argv)
{
	struct wanted_service *want = xcalloc((size_t)argc, sizeof(*want));
	struct actual_container *have = xcalloc((size_t)argc, sizeof(*have));
	struct model model = { want, 0 };
	struct actual actual = { .items = have };
	struct actions actions = { 0 };
	for (int i = 1; i < argc; i++) {
		char *text = xstrdup(argv[i]), kind = *part(&text), *service = part(&text),
		     *number = part(&text), *hash = part(&text), *image = part(&text), *state = part(&text),
		     *oneoff = part(&text); /* of a wanted service `state` is the wish */
		if (kind == 'w') {
			want[model.n++] = (struct wanted_service){ .name = service,
				.scale = atoi(number),
				.hash = hash,
				.image_id = *image ? image : NULL,
				.forced = str_eq(state, "forced"),
				.kept = str_eq(state, "kept"),
				.renew = str_eq(state, "renew") };
			continue;
		}
		struct container *c = xcalloc(1, sizeof(*c));
		c->name = xasprintf("%s-%s", service, number);
		c->image_id = image;
		c->status = str_eq(state, "run") ? CONTAINER_RUNNING : CONTAINER_EXITED;
		have[actual.n++] =
			(struct actual_container){ c, service, atoi(number), str_eq(oneoff, "oneoff"), hash };
	}
	int rc = OWNED(reconcile(&model, &actual, &actions, &err));
	if (rc == 0 && !all_spoken_of(&model, &actual, &actions))
		return 92;
	for (size_t i = 0; rc == 0 && i < actions.n; i++) {
		int bad = act(&actions.items[i], hash_of(&model, &actual, &actions.items[i]));
		if (bad)
			return bad;
	}
	return answer(argv[0], rc);
}

/* --- 09.4 --- */

static int drive_down(char **argv)
{
	struct project p = { .name = argv[1] };
	char *const files[] = { (char *)"/work/compose.yaml", NULL };
	struct project_options o = {
		.files = files, .name = argv[1], .environment = (char *const[]){ NULL }
	};
	struct down_options d = { .volumes = strchr(argv[2], 'v') != NULL,
		.remove_orphans = strchr(argv[2], 'o') != NULL,
		.timeout = -1 };
	struct board board;
	FILE *quiet = fopen("/dev/null", "we");
	open_engine();
	if (strchr(argv[2], 'm'))
		must(project_load(&o, &p, &err), "project_load");
	board_open(&board, quiet);
	int rc = OWNED(project_down(&engine, &p, &d, &board, &err));
	return answer(argv[0], rc);
}

static int drive_thing(const char *verb, const char *name, const char *project)
{
	char id[65], *made;
	_cleanup_strv_ char **labels = NULL;
	open_engine();
	if (!str_eq(project, "-"))
		strv_pushf(&labels, "com.docker.compose.project=%s", project);
	struct network_options n = { .name = name, .labels = labels };
	struct volume_options v = { .name = name, .labels = labels };
	must(str_eq(verb, "network") ? engine_network_create(&engine, &n, id, &err)
				     : engine_volume_create(&engine, &v, &made, &err),
		verb);
	return 0;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	umask(022);
	if (str_eq(verb, "order") && argc > 4)
		return drive_order(argc - 2, argv + 2);
	if (str_eq(verb, "wait") && argc > 4)
		return drive_wait(argv + 2);
	if (str_eq(verb, "reconcile") && argc > 3)
		return drive_reconcile(argc - 2, argv + 2);
	if (str_eq(verb, "down") && argc > 4)
		return drive_down(argv + 2);
	if (str_eq(verb, "plant") && argc > 3)
		return drive_plant(argc - 2, argv + 2);
	if ((str_eq(verb, "health") || str_eq(verb, "begin") || str_eq(verb, "end") ||
		    str_eq(verb, "gone")) &&
		argc > 2)
		return drive_change(verb, argv[2], argc > 3 ? argv[3] : "");
	if ((str_eq(verb, "network") || str_eq(verb, "volume")) && argc > 3)
		return drive_thing(verb, argv[2], argv[3]);
	fprintf(stderr, "drive: what is \"%s\"?\n", verb);
	return 2;
}
