/* mutant 06.2 M-RUN-CD: cd lasts to the next RUN */
int step_run(struct build *b, const struct instruction *i, struct mc_err *err)
{
	int rc = TODO(06.2, step_run, b, i, err);
	const char *cd = strstr(i->line, "cd /");
	if (rc == 0 && cd) {
		char *dir = xstrndup(cd + 3, strcspn(cd + 3, " ;&"));
		json_set_string(json_sub(b->config.image, "config"), "WorkingDir", dir);
		free(dir);
	}
	return rc;
}
