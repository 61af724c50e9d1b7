/*
 * records.h - for tests that need containers and no running one: an engine in a directory of its own, with an image "unit".
 */
#ifndef TEST_RECORDS_H
#define TEST_RECORDS_H

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "engine/create.h"
#include "image/image.h"
#include "image/store.h"

static struct mc_err err;
static char dir[] = "/tmp/minictr-test-records-XXXXXX";
static struct engine e;
static char id[CONTAINER_ID_LEN + 1];

#define OK(call) ck_assert_msg((call) >= 0, "%s: %s", #call, err.what)

/* "unit": an image without layers, so that no start of it can succeed. */
static void make_image(void)
{
	struct digest config, manifest;
	uint64_t size;
	struct json *c = json_new_object(), *m = json_new_object(), *d;
	OK(engine_store(&e, &err));
	json_set_string(c, "os", "linux");
	json_set_string(c, "architecture", "amd64");
	json_set(json_sub(c, "config"), "Cmd", json_new_array());
	json_add((struct json *)json_at(c, "config.Cmd"), json_new_string("/bin/true"));
	json_set(json_sub(c, "rootfs"), "diff_ids", json_new_array());
	OK(blob_put_json(e.store, c, &config, &size, &err));
	json_set_i64(m, "schemaVersion", 2);
	json_set(m, "config", descriptor_new(MEDIA_OCI_CONFIG, &config, size));
	json_set(m, "layers", json_new_array());
	OK(blob_put_json(e.store, m, &manifest, &size, &err));
	d = descriptor_new(MEDIA_OCI_MANIFEST, &manifest, size);
	OK(store_set_name(e.store, "docker.io/library/unit:latest", d, &err));
	json_free(c);
	json_free(m);
	json_free(d);
}

static void records_begin(void)
{
	err = (struct mc_err){ 0 };
	ck_assert_ptr_nonnull(mkdtemp(dir));
	OK(engine_open(&e, dir, &err));
	make_image();
}

static void records_end(void)
{
	engine_close(&e);
	dir_remove(AT_FDCWD, dir, &err);
	memcpy(dir + strlen(dir) - 6, "XXXXXX", 6);
}

static inline struct run_options wish(const char *name)
{
	struct run_options o;
	run_options_init(&o);
	o.image = "unit";
	o.pull = PULL_NEVER;
	o.name = (char *)name;
	return o;
}

static inline struct container loaded(void)
{
	struct container c;
	OK(container_load(&e, id, &c, &err));
	return c;
}

#endif
