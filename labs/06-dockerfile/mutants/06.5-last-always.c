/* mutant 06.5 M-NEED-TARGET: the target is not looked at */
int stages_needed(const struct dockerfile *d, const char *target, bool need[], struct mc_err *err)
{
	return TODO(06.5, stages_needed, d, NULL, need, err);
}
