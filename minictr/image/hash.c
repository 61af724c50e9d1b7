/*
 * hash.c - SHA-256 by OpenSSL's EVP (EVP_DigestInit(3)). Only executables that hash link libcrypto: loading
 * it costs more than the start of a container.
 */
#include "image/digest.h"

#include <openssl/evp.h>
#include <unistd.h>

struct hash {
	EVP_MD_CTX *ctx;
};

struct hash *hash_new(void)
{
	struct hash *h = xcalloc(1, sizeof(*h));
	h->ctx = EVP_MD_CTX_new();
	if (!h->ctx || !EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL))
		abort(); /* only out of memory, or an OpenSSL without SHA-256 */
	return h;
}

void hash_add(struct hash *h, const void *data, size_t len) { EVP_DigestUpdate(h->ctx, data, len); }

void hash_end(struct hash *h, struct digest *ret)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	if (!h)
		return;
	EVP_DigestFinal_ex(h->ctx, sum, &n);
	if (ret) {
		char *p = ret->text + sprintf(ret->text, "sha256:");
		for (unsigned i = 0; i < 32; i++)
			p += sprintf(p, "%02x", sum[i]);
	}
	EVP_MD_CTX_free(h->ctx);
	free(h);
}

void digest_of(const void *data, size_t len, struct digest *ret)
{
	struct hash *h = hash_new();
	hash_add(h, data, len);
	hash_end(h, ret);
}

int digest_of_fd(int fd, struct digest *ret, struct mc_err *err)
{
	enum { CHUNK = 256 * 1024 };
	_cleanup_free_ char *chunk = xmalloc(CHUNK);
	struct hash *h = hash_new();
	off_t at = 0;
	ssize_t n;
	while ((n = pread(fd, chunk, CHUNK, at)) > 0 || (n < 0 && errno == EINTR)) {
		if (n < 0)
			continue;
		hash_add(h, chunk, (size_t)n);
		at += n;
	}
	int rc = n < 0 ? err_sys(err, "read (while hashing)") : 0;
	hash_end(h, rc < 0 ? NULL : ret);
	return rc;
}
