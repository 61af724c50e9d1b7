/* mutant 04.2 M-WH-NOTHING: removes a file instead of writing a whiteout */
int layer_whiteout(int dir, const char *tar_name, struct mc_err *err)
{
	const char *name = tar_name + 4;

	if (!*name || strchr(name, '/') || str_eq(name, ".") || str_eq(name, ".."))
		return err_set(err, EINVAL, "bad name");
	unlinkat(dir, name, 0);
	return 0;
}
