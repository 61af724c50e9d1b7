/*
 * compose/kube.c - `compose kube`: the project as text for `kubectl apply -f -`.
 */
#include "compose/kube.h"

#include "cli/compose/compose.h"

struct kube_values {
	const char *output;
};

static const struct option_def kube_options[] = {
	{ 'o', "output", OPT_STRING, offsetof(struct kube_values, output), "file", "Write to a file" },
	{ 0 },
};

static int compose_cmd_kube(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct kube_values *v = values;
	_cleanup_project_ struct project p = { 0 };
	struct kube k = { 0 };
	int rc = compose_load(cli, NULL, &p, err);
	if (rc >= 0)
		rc = kube_of_project(&p, &k, err);
	FILE *out = rc < 0 ? NULL : v->output ? fopen(v->output, "we") : stdout;
	if (out)
		kube_print(&k, out);
	else if (rc >= 0)
		rc = err_sys(err, "create %s", v->output);
	if (out && v->output && fclose(out) != 0)
		rc = err_sys(err, "write %s", v->output);
	kube_release(&k);
	return rc;
}

const struct command compose_kube = {
	.name = "kube",
	.group = GROUP_LOOK,
	.usage = "[OPTIONS]",
	.summary = "Write the project as Kubernetes objects",
	.example = "minictr compose kube | kubectl apply -f -",
	.options = kube_options,
	.values_size = sizeof(struct kube_values),
	.run = compose_cmd_kube,
};
