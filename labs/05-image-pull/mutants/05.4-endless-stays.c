/* mutant 05.4 M-BLOB-KEPT: what came of a body without end stays in ingest/ */
int blob_fetch(const struct remote *r, const struct digest *d, int store, struct mc_err *err)
{
	_cleanup_partial_ struct partial p = PARTIAL_NONE;
	struct digest got;
	bool old;
	int rc;
	if (store_has(store, d))
		return 0;
	rc = partial_open(store, d, remote_blob_limit(r, d), &p, err);
	if (rc < 0 || store_has(store, d))
		return rc;
	do {
		old = p.resumed > 0;
		rc = remote_get_blob(r, d, &p, err);
		if (rc < 0)
			return rc;
		partial_digest(&p, &got);
		if (digest_eq(&got, d))
			return partial_keep(&p, err);
		rc = partial_restart(&p, err);
	} while (old && rc == 0);
	partial_drop(&p);
	return err_set(err, EBADMSG, "verification failed for digest %s: %s", d->text, got.text);
}
