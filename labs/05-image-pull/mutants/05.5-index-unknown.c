/* mutant 05.5 M-PULL-INDEX: an index is taken for a manifest: images for several machines have no layers */
int image_pull(const struct image_name *n, int store, struct mc_err *err)
{
	_cleanup_remote_ struct remote r = { 0 };
	_cleanup_manifest_ struct manifest m = { 0 };
	_cleanup_close_ int busy = store_busy(store, err);
	if (busy < 0)
		return busy;
	int rc = remote_open(n, 0, &r, err);
	if (rc == 0)
		rc = manifest_fetch(&r, NULL, &m, err);
	if (rc == 0)
		rc = pull_blobs(&r, &m, store, err);
	return rc < 0 ? rc : pull_record(n, &m, &m.digest, store, err);
}
