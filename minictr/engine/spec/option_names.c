/*
 * spec/option_names.c - what the options name outside of themselves: other containers, an OCI runtime. It
 * has to be there.
 *
 * Order and why: asked at create, as docker does. A name that is wrong would otherwise be told at the
 * start, perhaps days later. The start asks again (spec/linux.c): the other container may have ended by then.
 */
#include "engine/oci.h"
#include "engine/spec/network_words.h"
#include "engine/spec/options.h"

/* docker's default is "private": no container joins such a namespace unless the donor was made for it. */
static int check_donor(const struct container *other, const char *flag, struct mc_err *err)
{
	const char *ipc = json_text_of(json_member(other->host, "IpcMode"));
	if (!str_eq(flag, "ipc") || str_eq(ipc, "shareable") || str_eq(ipc, "host") ||
		(ipc && str_starts(ipc, "container:")))
		return 0;
	err_set(err, EINVAL, "cannot join the IPC namespace of container %s: it is not shareable",
		other->name);
	return err_hint(err, "make that one with --ipc shareable");
}

static int check_joined(struct engine *e, const char *flag, const char *mode, struct mc_err *err)
{
	_cleanup_container_ struct container other = { 0 };
	if (!mode || !str_starts(mode, "container:"))
		return 0;
	int rc = container_find(e, mode + strlen("container:"), &other, err);
	return rc < 0 ? rc : check_donor(&other, flag, err);
}

static int check_runtime(struct engine *e, const char *name, struct mc_err *err)
{
	_cleanup_json_ struct json *host = json_new_object();
	struct container c = { .host = host };
	struct oci oci = { 0 };
	if (!name || !*name)
		return 0;
	json_set_string(host, "Runtime", name);
	int rc = oci_find(e, &c, &oci, err);
	oci_release(&oci);
	return rc;
}

/* On the default bridge the other one has to be there, as docker has it; elsewhere it may come later. */
static int check_links(struct engine *e, const struct run_options *o, struct mc_err *err)
{
	char mode[NETWORK_MODE_MAX];
	network_words_mode(o, mode);
	bool bridge = str_eq(mode, "default") || str_eq(mode, "bridge");
	for (size_t i = 0; bridge && o->links && o->links[i]; i++) {
		const char *text = o->links[i] + (o->links[i][0] == '/');
		_cleanup_free_ char *name = xstrndup(text, strcspn(text, ":"));
		_cleanup_container_ struct container other = { 0 };
		struct mc_err why = { 0 };
		if (container_find(e, name, &other, &why) < 0)
			return err_set(err, EINVAL, "could not get container for %s: %s", name, why.what);
	}
	return 0;
}

int options_check_names(struct engine *e, const struct run_options *o, struct mc_err *err)
{
	int rc = check_joined(e, "pid", o->pid, err);
	if (rc >= 0)
		rc = check_joined(e, "ipc", o->ipc, err);
	if (rc >= 0)
		rc = check_joined(e, "network", o->network, err);
	if (rc >= 0)
		rc = check_runtime(e, o->runtime, err);
	if (rc >= 0)
		rc = check_links(e, o, err);
	if (rc < 0)
		err_exit(err, 125);
	return rc;
}
