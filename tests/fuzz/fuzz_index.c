/*
 * fuzz_index.c - any bytes as a manifest or index from a registry: what is accepted holds proper digests only.
 */
#include "registry/manifest.h"
#include "registry/pull.h"

static void want_digest(const struct digest *d)
{
	struct digest again;
	struct mc_err err;

	if (digest_parse(d->text, &again, &err) < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct manifest m;
	struct platform p;
	struct digest chosen;
	struct mc_err err;
	size_t i;

	if (manifest_parse(data, size, "application/vnd.oci.image.manifest.v1+json", &m, &err) < 0)
		return 0;
	platform_host(&p);
	for (i = 0; i < m.index.count; i++)
		want_digest(&m.index.entries[i].digest);
	for (i = 0; i < m.n_layers; i++)
		want_digest(&m.layers[i].digest);
	if (m.index.count && manifest_choose(&m.index, &p, &chosen, &err) == 0)
		want_digest(&chosen);
	(void)manifest_is_image(&m, "x", &err);
	manifest_release(&m);
	return 0;
}
