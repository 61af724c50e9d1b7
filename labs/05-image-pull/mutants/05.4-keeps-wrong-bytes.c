/* mutant 05.4 M-BLOB-KEPT: wrong bytes stay in ingest/ */
int blob_fetch(const struct remote *r, const struct digest *d, int store, struct mc_err *err)
{
	_cleanup_partial_ struct partial p = PARTIAL_NONE;
	struct digest got;
	bool old;
	int rc;
	if (store_has(store, d))
		return 0;
	rc = partial_open(
		store, d, remote_blob_limit(r, d), &p, err); /* waits while another pull fetches it */
	if (rc < 0 || store_has(store, d))
		return rc;
	do {
		old = p.resumed > 0;
		rc = remote_get_blob(r, d, &p, err);
		if (rc == -EFBIG)
			partial_drop(&p);
		if (rc < 0)
			return rc;
		/* the length may be right and the header may claim the digest: only the bytes decide */
		partial_digest(&p, &got);
		if (digest_eq(&got, d))
			return partial_keep(&p, err);
		rc = old ? partial_restart(&p, err) : 0;
	} while (old && rc == 0);
	return err_set(err, EBADMSG,
		"filesystem layer verification failed for digest %s: the bytes received have %s", d->text,
		got.text);
}
