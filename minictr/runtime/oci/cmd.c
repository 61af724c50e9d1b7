/*
 * oci/cmd.c - what the verbs of minictr-oci share: the id among their words, what is said of a wrong flag,
 * numbers, formats, JSON on standard output.
 */
#include "runtime/oci/cmd.h"

const char *oci_id(int argc, char **argv, struct mc_err *err)
{
	if (optind < argc)
		return argv[optind];
	err_set(err, EINVAL, "%s: the id of a container is missing", argv[0]);
	return NULL;
}

const char *oci_only_id(int argc, char **argv, struct mc_err *err)
{
	const char *id = oci_id(argc, argv, err);
	return id && oci_end(argc, argv, 1, err) == 0 ? id : NULL;
}

/* Refuses words after the last one, or they would be ignored: "delete ID --force" forces nothing. */
int oci_end(int argc, char **argv, int words, struct mc_err *err)
{
	if (optind + words >= argc)
		return 0;
	err_set(err, EINVAL, "%s: unexpected word: %s", argv[0], argv[optind + words]);
	return err_hint(err,
		argv[optind + words][0] == '-' ? "flags come before the id" : "minictr-oci %s --help",
		argv[0]);
}

/* optopt of getopt(3) is 0 for an unknown long option, else the option's value or letter. */
int oci_bad_flag(const char *verb, char **argv, struct mc_err *err)
{
	const char *word = argv[optind - 1], letter[3] = { '-', (char)optopt, '\0' };
	const char *in = *verb ? ": " : "";
	if (!str_starts(word, "--"))
		err_set(err, EINVAL, "%s%s%s is unknown, or its value is missing", verb, in, letter);
	else if (!optopt)
		err_set(err, EINVAL, "%s%sunknown flag: %s", verb, in, word);
	else
		err_set(err, EINVAL, "%s%s%s %s", verb, in, word,
			strchr(word, '=') ? "takes no value" : "needs a value");
	return err_hint(err, "minictr-oci %s%s--help lists the flags", verb, *verb ? " " : "");
}

int oci_bad_option(char **argv, struct mc_err *err) { return oci_bad_flag(argv[0], argv, err); }

int oci_format(const char *text, bool *ret_json, struct mc_err *err)
{
	*ret_json = str_eq(text, "json");
	return *ret_json || str_eq(text, "table")
		       ? 0
		       : err_set(err, EINVAL, "--format %s: expected table or json", text);
}

int oci_number(const char *text, const char *option, int *ret, struct mc_err *err)
{
	uint64_t n;
	if (parse_u64(text, &n) < 0 || n > 1 << 20)
		return err_set(err, EINVAL, "%s: expected a small number, got \"%s\"", option, text);
	*ret = (int)n;
	return 0;
}

int oci_print(struct json *v)
{
	_cleanup_free_ char *text = json_dump(v, true);
	json_free(v);
	return puts(text) < 0 ? 1 : 0;
}
