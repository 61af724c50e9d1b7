/*
 * cmd/build.c - `build`: an image from a Dockerfile.
 */
#include "cli/command.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/file.h"
#include "base/result_file.h"
#include "build/build.h"
#include "cli/build_debug.h"
#include "cli/build_log.h"
#include "cli/build_progress.h"
#include "base/warn.h"
#include "cli/engine_use.h"
#include "cli/image_common.h"
#include "cli/verbs.h"
#include "engine/spec/options.h"
#include "image/name.h"

static const struct build_values defaults = { .progress = "auto", .rm = true };

#define AT(member) offsetof(struct build_values, member)
static const struct option_def options[] = {
	{ 0, "add-host", OPT_LIST, AT(hosts), "host:ip", "Add a line to /etc/hosts of every RUN" },
	{ 0, "allow", OPT_LIST, AT(allow), "network.host",
		"Let a RUN --network=host have this machine's network" },
	{ 0, "annotation", OPT_LIST, AT(annotations), "list", NULL },
	{ 0, "attest", OPT_LIST, AT(attest), "list", NULL },
	{ 0, "build-arg", OPT_LIST, AT(args), "NAME[=VALUE]",
		"Give an ARG a value (without one: your own variable)" },
	{ 0, "build-context", OPT_LIST, AT(contexts), "NAME=DIR", "One more context, for --from=NAME" },
	{ 0, "builder", OPT_STRING, AT(builder), "string", NULL },
	{ 0, "cache-from", OPT_LIST, AT(cache_from), "list",
		"Accepted; the cache of this machine is always used" },
	{ 0, "cache-to", OPT_LIST, AT(cache_to), "list", NULL },
	{ 0, "cgroup-parent", OPT_STRING, AT(cgroup_parent), "string", NULL },
	{ 0, "check", OPT_FLAG, AT(check), NULL, "Look for mistakes in the Dockerfile and build nothing" },
	{ 0, "compress", OPT_FLAG, AT(compress), NULL, NULL },
	{ 0, "debug-on-failure", OPT_FLAG, AT(debug_on_failure), NULL,
		"When a step fails, open a shell in the state it left" },
	{ 0, "explain-cache", OPT_FLAG, AT(explain_cache), NULL, "Say for each step why the cache missed" },
	{ 'f', "file", OPT_STRING, AT(file), "string",
		"The Dockerfile (default: Dockerfile in the context; - is stdin)" },
	{ 0, "force-rm", OPT_FLAG, AT(force_rm), NULL, NULL },
	{ 0, "iidfile", OPT_STRING, AT(iidfile), "file", "Write the image's id there" },
	{ 0, "label", OPT_LIST, AT(labels), "NAME=VALUE", "Add a label to the image" },
	{ 0, "load", OPT_FLAG, AT(load), NULL, NULL },
	{ 'm', "memory", OPT_STRING, AT(memory), "bytes", NULL },
	{ 0, "metadata-file", OPT_STRING, AT(metadata), "file",
		"Write digests of the result there, as JSON" },
	{ 0, "network", OPT_STRING, AT(network), "default|none|host|NAME", "Network of RUN" },
	{ 0, "no-cache", OPT_FLAG, AT(no_cache), NULL, "Run every step again" },
	{ 0, "no-cache-filter", OPT_LIST, AT(no_cache_stages), "stage", "Run the steps of this stage again" },
	{ 'o', "output", OPT_LIST, AT(outputs), "type=local|tar|oci,dest=PATH",
		"Write the result there instead of into the image store" },
	{ 0, "platform", OPT_STRING, AT(platform), "string", "Build for another machine: linux/arm64" },
	{ 0, "progress", OPT_STRING, AT(progress), "auto|plain|tty|quiet", "How to show what is done" },
	{ 0, "provenance", OPT_STRING, AT(provenance), "string", NULL },
	{ 0, "pull", OPT_FLAG, AT(pull), NULL, "Fetch base images also when they are here" },
	{ 0, "push", OPT_FLAG, AT(push), NULL, NULL },
	{ 'q', "quiet", OPT_FLAG, AT(quiet), NULL, "Print the image's id and nothing else" },
	{ 0, "rm", OPT_FLAG, AT(rm), NULL, NULL },
	{ 0, "sbom", OPT_STRING, AT(sbom), "string", NULL },
	{ 0, "secret", OPT_LIST, AT(secrets), "id=ID[,src=FILE|,env=NAME]",
		"A secret for RUN --mount=type=secret" },
	{ 0, "shm-size", OPT_STRING, AT(shm_size), "bytes", NULL },
	{ 0, "squash", OPT_FLAG, AT(squash), NULL, NULL },
	{ 0, "ssh", OPT_LIST, AT(ssh), "default|ID[=SOCKET]", "An agent for RUN --mount=type=ssh" },
	{ 't', "tag", OPT_LIST, AT(tags), "name[:tag]", "Name of the image (repeatable)" },
	{ 0, "target", OPT_STRING, AT(target), "string", "Build this stage, not the last one" },
	{ 0, "ulimit", OPT_LIST, AT(ulimits), "list", NULL },
	{ 0 },
};

static int choose_style(const struct build_values *v, enum build_progress_style *ret, struct mc_err *err)
{
	const char *p = v->progress, *usual = getenv("BUILDKIT_PROGRESS");
	if (str_eq(p, "auto") && usual && *usual)
		p = usual; /* docker's, for all builds of a shell; `compose --progress` sets it */
	if (v->quiet || str_eq(p, "quiet"))
		*ret = PROGRESS_QUIET;
	else if (str_eq(p, "plain") || (str_eq(p, "auto") && !isatty(2)))
		*ret = PROGRESS_PLAIN;
	else if (str_eq(p, "tty") || str_eq(p, "auto"))
		*ret = PROGRESS_TTY;
	else
		return err_set(err, EINVAL, "--progress %s: expected auto, plain, tty or quiet", p);
	return 0;
}

/* id=ID[,src=FILE|,env=NAME][,type=file|env]: all of it is read, and the id is there. */
static int check_secret(const char *text, struct mc_err *err)
{
	static const char *const keys[] = { "id", "src", "source", "env", "type" };
	_cleanup_free_ char *room = xstrdup(text);
	bool has_id = false, from_env = false;
	const char *file = NULL;
	for (char *p = room, *w; (w = strsep(&p, ","));) {
		char *value = strchr(w, '=');
		size_t k = 0;
		if (value)
			*value++ = '\0';
		while (k < ARRAY_LEN(keys) && !str_eq(w, keys[k]))
			k++;
		if (k == ARRAY_LEN(keys) || !value || !*value)
			return err_set(err, EINVAL,
				"invalid argument \"%s\" for \"--secret\" flag: \"%s\" is none of "
				"id=ID, src=FILE, env=NAME",
				text, w);
		has_id |= k == 0;
		file = k == 1 || k == 2 ? value : file;
		from_env |= k == 3 || str_eq(value, "env");
		if (k == 4 && !str_eq(value, "file") && !str_eq(value, "env"))
			return err_set(
				err, EINVAL, "--secret %s: type is file or env, not \"%s\"", text, value);
	}
	if (file && !from_env && access(file, R_OK) < 0)
		return err_sys(err, "--secret %s: read %s", text, file);
	return has_id ? 0
		      : err_set(err, EINVAL,
				"invalid argument \"%s\" for \"--secret\" flag: it has no id=", text);
}

/* ID[=SOCKET]: what listens there is an agent's socket. docker also takes a key file and plays the agent. */
static int check_ssh(const char *text, struct mc_err *err)
{
	const char *path = strchr(text, '=');
	struct stat st;
	path = path ? path + 1 : getenv("SSH_AUTH_SOCK");
	if (!path || !*path)
		return err_hint((err_set(err, ENOENT, "--ssh %s: SSH_AUTH_SOCK names no agent", text), err),
			"start one: eval $(ssh-agent); ssh-add");
	if (stat(path, &st) < 0)
		return err_sys(err, "--ssh %s: find %s", text, path);
	return S_ISSOCK(st.st_mode)
		       ? 0
		       : err_hint((err_set(err, EINVAL, "--ssh %s: %s is no socket", text, path), err),
				 "load a key into an agent: eval $(ssh-agent); ssh-add FILE");
}

/* Flags of docker's builder that change nothing here: each one that was given is told, with the reason. */
static void tell_without_effect(const struct build_values *v)
{
	const struct {
		bool given;
		const char *flag, *why;
	} rows[] = {
		{ strv_has(v->allow, "security.insecure"), "allow",
			"network.host is all that a build may be given" },
		{ v->annotations, "annotation", "labels are kept, annotations are not" },
		{ v->attest, "attest", "attestations are not made" },
		{ v->provenance, "provenance", "attestations are not made" },
		{ v->sbom, "sbom", "attestations are not made" },
		{ v->builder && !str_eq(v->builder, "default"), "builder", "there is one builder" },
		{ v->cache_from, "cache-from", "the cache of this machine is always used" },
		{ v->cache_to, "cache-to", "the cache stays on this machine" },
		{ v->memory, "memory", "RUN has no limits of its own" },
		{ v->shm_size, "shm-size", "RUN has no limits of its own" },
		{ v->ulimits, "ulimit", "RUN has no limits of its own" },
		{ v->cgroup_parent, "cgroup-parent", "RUN has no limits of its own" },
		{ v->squash, "squash", "each step that changes files is a layer" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].given)
			warn_user("--%s has no effect: %s", rows[i].flag, rows[i].why);
}

/* The words that build shares with run mean the same and are refused alike. */
static int check_words(const struct build_values *v, struct mc_err *err)
{
	struct run_options o = RUN_OPTIONS_DEFAULT;
	o.add_host = v->hosts; /* only read */
	o.env = v->args;
	o.labels = v->labels;
	o.platform = (char *)v->platform;
	o.ulimits = v->ulimits;
	o.cgroup_parent = (char *)v->cgroup_parent;
	int rc = options_check(&o, err);
	for (char **s = v->secrets; rc >= 0 && s && *s; s++)
		rc = check_secret(*s, err);
	for (char **s = v->allow; rc >= 0 && s && *s; s++)
		if (!str_eq(*s, "network.host") && !str_eq(*s, "security.insecure"))
			rc = err_set(err, EINVAL,
				"invalid entitlement \"%s\": network.host or security.insecure", *s);
	for (char **s = v->ssh; rc >= 0 && s && *s; s++)
		rc = check_ssh(*s, err);
	for (char **s = v->outputs; rc >= 0 && s && *s; s++)
		rc = output_check(*s, err);
	return rc;
}

/* Refused before anything is done: a bad name would be heard of after an hour's build. */
static int check_values(const struct build_values *v, struct mc_err *err)
{
	struct image_name name;
	int rc = check_words(v, err);
	if (rc < 0)
		return rc;
	for (char **t = v->tags; t && *t; t++)
		if (image_name_parse(*t, &name, err) < 0)
			return err_wrap(err, "invalid tag \"%s\"", *t);
	tell_without_effect(v);
	if (v->push)
		return err_hint((err_set(err, ENOTSUP, "--push is not part of a build here"), err),
			"build with -t NAME, then: minictr push NAME");
	return 0;
}

static struct build_options options_of(const struct build_values *v, const char *context)
{
	return (struct build_options){ .context = context,
		.file = v->file,
		.tags = v->tags,
		.args = v->args,
		.labels = v->labels,
		.secrets = v->secrets,
		.ssh = v->ssh,
		.contexts = v->contexts,
		.outputs = v->outputs,
		.hosts = v->hosts,
		.target = v->target,
		.platform = v->platform,
		.network = str_eq(v->network, "bridge") ? NULL : v->network,
		.no_cache = v->no_cache,
		.no_cache_stages = v->no_cache_stages,
		.allow = v->allow,
		.pull = v->pull,
		.check = v->check,
		.explain_cache = v->explain_cache };
}

static void on_signal(int s) { build_cancel(); }

static void catch_signals(void)
{
	struct sigaction a = { .sa_handler = on_signal };
	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTERM, &a, NULL);
	sigaction(SIGHUP, &a, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int write_iidfile(const char *path, const struct build_result *r, struct mc_err *err)
{
	return output_write(path, r->id.text, strlen(r->id.text), 0644, err);
}

static int write_metadata(const struct build_values *v, const struct build_result *r, struct mc_err *err)
{
	_cleanup_json_ struct json *doc = json_new_object();
	_cleanup_buf_ struct buf names = { 0 };
	for (char **t = v->tags; t && *t; t++)
		buf_addf(&names, "%s%s", t == v->tags ? "" : ",", *t);
	json_set_string(doc, "containerimage.config.digest", r->id.text);
	if (r->manifest.text[0])
		json_set_string(doc, "containerimage.digest", r->manifest.text);
	if (names.len)
		json_set_string(doc, "image.name", names.data);
	return output_write_json(v->metadata, doc, 0644, err);
}

static void tell_success(
	const struct build_values *v, const struct build_result *r, enum build_progress_style style)
{
	if (!r->id.text[0]) /* a directory or a tar: no image */
		return;
	if (style == PROGRESS_QUIET) {
		printf("%s\n", r->id.text);
		return;
	}
	for (char **t = v->tags; t && *t; t++)
		fprintf(stderr, "naming to %s done\n", *t);
	fprintf(stderr, "image %s\n", r->id.text);
}

/* What there is to tell beside progress: warnings of the linter, the lines where it failed. */
static int finish(const struct build_values *v, const struct build_result *r, enum build_progress_style style,
	int rc, struct mc_err *err)
{
	if (r->checked && *r->checked && (v->check || style != PROGRESS_QUIET))
		fprintf(v->check ? stdout : stderr, "%s\n", r->checked);
	if (r->failed)
		fprintf(stderr, "%s\n", r->failed);
	if (r->listed && style != PROGRESS_QUIET)
		fprintf(stderr, "the files this build could see: minictr debug build --context\n");
	if (rc == -ECANCELED)
		return err_exit(err, 130);
	if (rc < 0)
		return err->exit_status ? rc : err_exit(err, 1);
	if (v->check)
		return r->warnings ? 1 : 0;
	tell_success(v, r, style);
	if (v->iidfile)
		rc = write_iidfile(v->iidfile, r, err);
	if (rc >= 0 && v->metadata)
		rc = write_metadata(v, r, err);
	for (char **t = v->tags; t && *t; t++)
		image_cli_event("build", *t);
	return rc;
}

static FILE *open_log(const struct engine *e, const struct build_values *v, const char *context)
{
	_cleanup_free_ char *what =
		xasprintf("build %s%s%s", v->tags ? v->tags[0] : "", v->tags ? " from " : "from ", context);
	return build_log_open(e, what);
}

static int build_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct build_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	enum build_progress_style style = PROGRESS_PLAIN;
	struct build_result result = { .id = { "" } };
	struct build_options o = options_of(v, argv[0]);
	int rc = choose_style(v, &style, err);
	if (rc >= 0)
		rc = check_values(v, err);
	if (rc >= 0)
		rc = use_engine(cli, &e, err);
	if (rc < 0)
		return err_exit(err, 125);
	_cleanup_fclose_ FILE *log = v->check ? NULL : open_log(&e, v, argv[0]);
	struct build_progress *p = build_progress_new(v->check ? PROGRESS_QUIET : style, log);
	struct build_report report = build_progress_report(p);
	catch_signals();
	rc = build_image(&e, &o, &report, &result, err);
	build_progress_end(p, rc < 0);
	rc = finish(v, &result, style, rc, err);
	bool debug = rc < 0 && v->debug_on_failure && result.kept;
	build_result_release(&result);
	if (debug) {
		err_print(err, "minictr");
		return build_debug_shell(cli, false, NULL, err);
	}
	return rc;
}

const struct command cmd_build = {
	.name = "build",
	.aliases = "image build, builder build, buildx build",
	.group = GROUP_IMAGES,
	.usage = "[OPTIONS] PATH | URL | -",
	.summary = "Make an image from a Dockerfile",
	.example = "minictr build -t web:1 .\n"
		   "minictr build --build-arg VERSION=2 --target test -f docker/Dockerfile .\n"
		   "minictr build --explain-cache -t web .",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.values_size = sizeof(struct build_values),
	.defaults = &defaults,
	.run = build_run,
};
