/* mutant 05.5 M-PULL-ASKED: the digest recorded is that of the chosen manifest, not what the registry served for the name; and the store is not held busy */
int image_pull(const struct image_name *n, int store, struct mc_err *err)
{
	_cleanup_remote_ struct remote r = { 0 };
	_cleanup_manifest_ struct manifest m = { 0 };
	struct digest chosen;
	int rc = remote_open(n, 0, &r, err);
	if (rc < 0 || (rc = manifest_fetch(&r, NULL, &m, err)) < 0)
		return rc;
	if (m.index.count && (manifest_choose(&m.index, &registry_settings()->platform, &chosen, err) < 0 || manifest_fetch(&r, &chosen, &m, err) < 0))
		return -err->code;
	rc = pull_blobs(&r, &m, store, err);
	return rc < 0 ? rc : pull_record(n, &m, &m.digest, store, err);
}
