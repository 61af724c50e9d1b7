/* mutant 05.5 M-PULL-NONE: an index without an image for this machine: the first is taken */
int image_pull(const struct image_name *n, int store, struct mc_err *err)
{
	_cleanup_remote_ struct remote r = { 0 };
	_cleanup_manifest_ struct manifest m = { 0 };
	_cleanup_close_ int busy = -1;
	struct digest asked, chosen;
	int rc;
	busy = store_busy(store, err);
	if (busy < 0)
		return busy;
	rc = remote_open(n, 0, &r, err);
	if (rc == 0)
		rc = manifest_fetch(&r, NULL, &m, err);
	if (rc < 0)
		return rc;
	asked = m.digest;
	if (m.index.count) {
		chosen = m.index.entries[0].digest;
		manifest_choose(&m.index, &r.context->platform, &chosen, err);
		rc = manifest_fetch(&r, &chosen, &m, err);
		if (rc < 0)
			return rc;
	}
	rc = pull_blobs(&r, &m, store, err);
	if (rc < 0)
		return rc;
	return pull_record(n, &m, &asked, store, err);
}
