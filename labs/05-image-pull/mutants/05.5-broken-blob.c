/* mutant 05.5 M-PULL-IGNORED: a broken blob is no reason to stop */
int image_pull(const struct image_name *n, int store, struct mc_err *err)
{
	_cleanup_remote_ struct remote r = { 0 };
	_cleanup_manifest_ struct manifest m = { 0 };
	_cleanup_close_ int busy = -1;
	struct digest asked, chosen;
	int rc;
	busy = store_busy(store, err); /* garbage collection leaves our blobs alone until the name stands */
	if (busy < 0)
		return busy;
	rc = remote_open(n, 0, &r, err);
	if (rc == 0)
		rc = manifest_fetch(&r, NULL, &m, err);
	if (rc < 0)
		return rc;
	asked = m.digest;
	if (m.index.count) {
		rc = manifest_choose(&m.index, &r.context->platform, &chosen, err);
		if (rc == 0)
			rc = manifest_fetch(
				&r, &chosen, &m, err); /* by digest: no server on the way can cheat */
		if (rc < 0)
			return rc;
	}
	(void)pull_blobs(&r, &m, store, err);
	return pull_record(n, &m, &asked, store, err);
}
