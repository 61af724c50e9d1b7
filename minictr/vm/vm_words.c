/*
 * vm_words.c - what the guest is to run: config.json's "process", as words of FRAME_START.
 *
 * The container's whole specification is made by the same code as for `run` (spec/spec.c): entrypoint and
 * command, variables, user, directory. Only its part "process" means something in a virtual machine;
 * namespaces, cgroup, capabilities and filter are walls inside the host's kernel, and a guest has its own.
 */
#include "vm/vm.h"

#include "base/file.h"
#include "engine/spec/spec.h"
#include "image/overlay.h"
#include "vm/channel.h"

/* The image's file system, detached and read-only, to look names of users up in. */
static int open_layers(const struct container *c, struct mc_err *err)
{
	struct layers l = { .userxattr = overlay_needs_userxattr() };
	int rc = json_get_strv(c->doc, &l.lower, err, "Layers");
	if (rc >= 0)
		rc = overlay_mount(&l, NULL, err);
	layers_release(&l);
	return rc;
}

int vm_spec(struct vm_host *h, const struct container *c, struct json **ret, struct mc_err *err)
{
	_cleanup_id_maps_ struct id_maps none = { 0 };
	_cleanup_close_ int root = open_layers(c, err);
	if (root < 0)
		return root;
	/* --memory is the size of the machine, no limit of a cgroup. */
	_cleanup_json_ struct json *host = json_copy(c->host);
	json_unset(host, "Memory");
	json_unset(host, "MemorySwap");
	struct container guest = *c;
	guest.host = host;
	struct spec_input in = {
		.engine = h->engine, .container = &guest, .rootfs = root, .ids = &none, .dry = true
	};
	return spec_make(&in, ret, err);
}

static void add_number(struct buf *b, char what, int64_t n)
{
	char text[24];
	snprintf(text, sizeof(text), "%lld", (long long)n);
	start_word(b, what, text);
}

static void add_list(struct buf *b, char what, const struct json *list)
{
	for (size_t i = 0; i < json_len(list); i++)
		start_word(b, what, json_text_of(json_item(list, i)) ? json_text_of(json_item(list, i)) : "");
}

void vm_start_words(const struct json *spec, bool input, struct buf *ret)
{
	const struct json *p = json_member(spec, "process"), *user = json_member(p, "user");
	const struct json *groups = json_member(user, "additionalGids");
	const char *cwd = json_text_of(json_member(p, "cwd"));
	bool terminal = false;
	struct mc_err ignored = { 0 };
	json_get_bool(p, &terminal, &ignored, "terminal");
	add_list(ret, 'a', json_member(p, "args"));
	add_list(ret, 'e', json_member(p, "env"));
	start_word(ret, 'd', cwd ? cwd : "/");
	add_number(ret, 'u', json_int_of(json_member(user, "uid")));
	add_number(ret, 'g', json_int_of(json_member(user, "gid")));
	for (size_t i = 0; i < json_len(groups); i++)
		add_number(ret, 'G', json_int_of(json_item(groups, i)));
	start_word(ret, 't', terminal ? "1" : "0");
	start_word(ret, 'i', input ? "1" : "0");
}

int vm_exec_words(struct vm_host *h, const struct container *c, const struct vm_exec_options *o,
	struct buf *ret, struct mc_err *err)
{
	_cleanup_json_ struct json *spec = NULL;
	/* Changed only in our copy in memory, which is never saved. */
	if (o->user)
		json_set_string(c->config, "User", o->user);
	if (o->workdir)
		json_set_string(c->config, "WorkingDir", o->workdir);
	json_set_bool(c->config, "Tty", o->tty);
	int rc = vm_spec(h, c, &spec, err);
	if (rc < 0)
		return rc;
	struct json *process = json_sub(spec, "process");
	_cleanup_strv_ char **env = NULL;
	rc = json_get_strv(process, &env, err, "env");
	for (size_t i = 0; o->env && o->env[i]; i++) {
		const char *own = strchr(o->env[i], '=') ? NULL : getenv(o->env[i]);
		_cleanup_free_ char *both = own ? xasprintf("%s=%s", o->env[i], own) : NULL;
		if (both || strchr(o->env[i], '='))
			strv_env_set(&env, both ? both : o->env[i]);
	}
	json_set_strv(process, "env", env);
	json_set_strv(process, "args", o->command);
	vm_start_words(spec, o->interactive, ret);
	return rc < 0 ? rc : 0;
}
