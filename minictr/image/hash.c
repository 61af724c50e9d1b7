/*
 * hash.c - SHA-256 and SHA-512 by OpenSSL's EVP (EVP_DigestInit(3)). Only executables that hash link
 * libcrypto: loading it costs more than the start of a container.
 */
#include "image/digest.h"

#include <openssl/evp.h>
#include <unistd.h>

struct hash {
	EVP_MD_CTX *ctx;
	const char *prefix; /* "sha256:" */
};

static struct hash *start_hash(const EVP_MD *algorithm, const char *prefix)
{
	struct hash *h = xcalloc(1, sizeof(*h));
	h->prefix = prefix;
	h->ctx = EVP_MD_CTX_new();
	if (!h->ctx || !EVP_DigestInit_ex(h->ctx, algorithm, NULL))
		abort(); /* only out of memory, or an OpenSSL without SHA-2 */
	return h;
}

struct hash *hash_new(void) { return start_hash(EVP_sha256(), "sha256:"); }

struct hash *hash_new_like(const struct digest *d)
{
	return d && digest_is_sha512(d) ? start_hash(EVP_sha512(), "sha512:") : hash_new();
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
		char *p = ret->text + sprintf(ret->text, "%s", h->prefix);
		for (unsigned i = 0; i < n; i++)
			p += sprintf(p, "%02x", sum[i]);
	}
	EVP_MD_CTX_free(h->ctx);
	free(h);
}

void digest_of_like(const struct digest *like, const void *data, size_t len, struct digest *ret)
{
	struct hash *h = hash_new_like(like);
	hash_add(h, data, len);
	hash_end(h, ret);
}

void digest_of(const void *data, size_t len, struct digest *ret) { digest_of_like(NULL, data, len, ret); }

int digest_of_fd_like(const struct digest *like, int fd, struct digest *ret, struct mc_err *err)
{
	enum { CHUNK = 256 * 1024 };
	_cleanup_free_ char *chunk = xmalloc(CHUNK);
	struct hash *h = hash_new_like(like);
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

int digest_of_fd(int fd, struct digest *ret, struct mc_err *err)
{
	return digest_of_fd_like(NULL, fd, ret, err);
}
