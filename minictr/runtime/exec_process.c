/*
 * exec_process.c - which process `exec` runs.
 *
 * With --process FILE: exactly that object. Without: config.json's own process as a pattern (user,
 * capabilities, environment), the command line's words as its program.
 */
#include "runtime/exec_process.h"

#include <fcntl.h>

#include "base/file.h"
#include "runtime/caps.h"
#include "runtime/tail.h"

/* "UID" or "UID:GID": numbers only, because only the engine reads the image's list of names. */
static int set_user(struct json *process, const char *text, struct mc_err *err)
{
	uint64_t uid, gid = 0;
	_cleanup_free_ char *copy = xstrdup(text);
	char *colon = strchr(copy, ':');
	if (colon)
		*colon++ = '\0';
	if (parse_u64(copy, &uid) < 0 || (colon && parse_u64(colon, &gid) < 0) || uid >= UINT32_MAX ||
		gid >= UINT32_MAX)
		return err_set(err, EINVAL, "--user %s: expected UID or UID:GID in numbers", text);
	struct json *user = json_new_object();
	json_set_u64(user, "uid", uid);
	json_set_u64(user, "gid", gid);
	json_set(process, "user", user);
	return 0;
}

static void add_caps(struct json *process, char *const caps[])
{
	static const char *const sets[] = { "bounding", "effective", "permitted" };
	if (!strv_len(caps))
		return;
	struct json *all = json_copy(json_member(process, "capabilities"));
	all = all ? all : json_new_object();
	for (size_t s = 0; s < ARRAY_LEN(sets); s++) {
		struct json *list = json_copy(json_member(all, sets[s]));
		list = list ? list : json_new_array();
		for (size_t i = 0; caps[i]; i++)
			json_add(list, json_new_string(caps[i]));
		json_set(all, sets[s], list);
	}
	json_set(process, "capabilities", all);
}

/* "5" or "5,6": numbers, as above. */
static int add_gids(struct json *process, char *const gids[], struct mc_err *err)
{
	if (!strv_len(gids))
		return 0;
	struct json *user = json_copy(json_member(process, "user"));
	user = user ? user : json_new_object();
	struct json *list = json_copy(json_member(user, "additionalGids"));
	list = list ? list : json_new_array();
	json_set(user, "additionalGids", list);
	json_set(process, "user", user);
	for (size_t i = 0; gids[i]; i++) {
		_cleanup_free_ char *copy = xstrdup(gids[i]);
		uint64_t gid;
		for (char *rest = copy, *one; (one = strsep(&rest, ","));) {
			if (parse_u64(one, &gid) < 0 || gid >= UINT32_MAX)
				return err_set(
					err, EINVAL, "--additional-gids %s: expected numbers", gids[i]);
			json_add(list, json_new_u64(gid));
		}
	}
	return 0;
}

static int from_options(const struct exec *o, const struct config *c, struct json **ret, struct mc_err *err)
{
	struct json *p = *ret = json_copy(json_member(c->doc, "process"));
	if (!p)
		return err_set(err, EINVAL, "config.json has no process to start from: use --process FILE");
	json_set_strv(p, "args", o->args);
	json_set_bool(p, "terminal", o->tty);
	if (o->cwd)
		json_set_string(p, "cwd", o->cwd);
	if (o->no_new_privs)
		json_set_bool(p, "noNewPrivileges", true);
	if (o->env) {
		char **env = strv_copy(c->process.env);
		for (size_t i = 0; i < strv_len(o->env); i++)
			strv_env_set(&env, o->env[i]);
		json_set_strv(p, "env", env);
		strv_free(env);
	}
	add_caps(p, o->caps);
	return o->user ? set_user(p, o->user, err) : 0;
}

int exec_choose_process(const struct exec *o, const struct config *c, struct json **ret_doc,
	struct config_process *ret, struct mc_err *err)
{
	int rc = o->process_file ? json_parse_file(AT_FDCWD, o->process_file, 16 << 20, ret_doc, err)
				 : from_options(o, c, ret_doc, err);
	if (rc < 0)
		return rc;
	if (o->process_file && o->tty)
		json_set_bool(*ret_doc, "terminal", true);
	if (o->apparmor)
		json_set_string(*ret_doc, "apparmorProfile", o->apparmor);
	if (o->label)
		json_set_string(*ret_doc, "selinuxLabel", o->label);
	if ((rc = add_gids(*ret_doc, o->gids, err)) < 0 ||
		(rc = config_parse_process(*ret_doc, "", ret, err)) < 0)
		return rc;
	return strv_len(ret->args) ? 0 : err_set(err, EINVAL, "exec: a command is missing");
}
