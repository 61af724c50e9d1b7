/*
 * spec/block_io.c - limits of one disk, from the flags over HostConfig to config.json. One table: flag,
 * docker's key, OCI's key.
 *
 * Kernel objects: io.max and io.weight of cgroup v2, blkio.throttle.* of v1 (written by runtime/tail/).
 * A device is named by its path and counted by its numbers: they are looked up at each start, as a disk may
 * have got other ones since.
 */
#include "engine/spec/block_io.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum block_value { VALUE_BYTES_PER_SECOND, VALUE_CALLS_PER_SECOND, VALUE_WEIGHT };

static const struct block_option {
	const char *flag, *key, *oci;
	size_t offset;
	enum block_value value;
} table[] = {
	{ "device-read-bps", "BlkioDeviceReadBps", "throttleReadBpsDevice",
		offsetof(struct run_options, device_read_bps), VALUE_BYTES_PER_SECOND },
	{ "device-write-bps", "BlkioDeviceWriteBps", "throttleWriteBpsDevice",
		offsetof(struct run_options, device_write_bps), VALUE_BYTES_PER_SECOND },
	{ "device-read-iops", "BlkioDeviceReadIOps", "throttleReadIOPSDevice",
		offsetof(struct run_options, device_read_iops), VALUE_CALLS_PER_SECOND },
	{ "device-write-iops", "BlkioDeviceWriteIOps", "throttleWriteIOPSDevice",
		offsetof(struct run_options, device_write_iops), VALUE_CALLS_PER_SECOND },
	{ "blkio-weight-device", "BlkioWeightDevice", "weightDevice",
		offsetof(struct run_options, blkio_weight_device), VALUE_WEIGHT },
};

static char *const *words_of(const struct run_options *o, const struct block_option *b)
{
	return *(char **const *)((const char *)o + b->offset);
}

static const char *number_key(const struct block_option *b)
{
	return b->value == VALUE_WEIGHT ? "Weight" : "Rate";
}

/* "/dev/sda:10mb" -> the path's length and the number; false when it is none. */
static bool split_word(const struct block_option *b, const char *word, size_t *ret_path, uint64_t *ret)
{
	const char *colon = strrchr(word, ':');
	if (!colon || colon == word || *word != '/')
		return false;
	*ret_path = (size_t)(colon - word);
	if (b->value == VALUE_BYTES_PER_SECOND)
		return parse_bytes(colon + 1, ret) == 0 && *ret > 0 && *ret <= INT64_MAX;
	if (parse_u64(colon + 1, ret) < 0)
		return false;
	return b->value == VALUE_WEIGHT ? *ret >= 10 && *ret <= 1000 : *ret > 0 && *ret <= UINT32_MAX;
}

static int check_word(const struct block_option *b, const char *word, struct mc_err *err)
{
	static const char *const wants[] = { "/dev/sda:10mb", "/dev/sda:1000", "/dev/sda:500 (10 to 1000)" };
	struct stat st;
	size_t n = 0;
	uint64_t number = 0;
	if (!split_word(b, word, &n, &number))
		return err_set(err, EINVAL,
			"invalid argument \"%s\" for \"--%s\" flag: expected a device and a number, such as "
			"%s",
			word, b->flag, wants[b->value]);
	_cleanup_free_ char *path = xstrndup(word, n);
	if (stat(path, &st) < 0)
		return err_sys(err, "invalid argument \"%s\" for \"--%s\" flag: %s", word, b->flag, path);
	if (!S_ISBLK(st.st_mode))
		return err_set(err, EINVAL,
			"invalid argument \"%s\" for \"--%s\" flag: %s is no block device", word, b->flag,
			path);
	return 0;
}

int block_options_check(const struct run_options *o, struct mc_err *err)
{
	int rc = 0;
	for (size_t k = 0; k < ARRAY_LEN(table); k++) {
		char *const *list = words_of(o, &table[k]);
		for (size_t i = 0; rc == 0 && list && list[i]; i++)
			rc = check_word(&table[k], list[i], err);
	}
	if (rc < 0 || (!o->cpu_rt_period && !o->cpu_rt_runtime))
		return rc;
	if (access("/sys/fs/cgroup/cpu/cpu.rt_runtime_us", F_OK) == 0)
		return 0;
	err_set(err, ENOTSUP, "Your kernel does not support CPU real-time scheduler");
	return err_hint(err,
		"--cpu-rt-period and --cpu-rt-runtime need cgroup v1 and CONFIG_RT_GROUP_SCHED; --cpus and "
		"--cpu-shares work everywhere");
}

void block_options_merge(const struct run_options *o, struct json *host)
{
	for (size_t k = 0; k < ARRAY_LEN(table); k++) {
		char *const *list = words_of(o, &table[k]);
		struct json *all = json_set(host, table[k].key, json_new_array());
		for (size_t i = 0; list && list[i]; i++) {
			size_t n = 0;
			uint64_t number = 0;
			if (!split_word(&table[k], list[i], &n, &number))
				continue; /* block_options_check() has refused it */
			_cleanup_free_ char *path = xstrndup(list[i], n);
			struct json *one = json_add(all, json_new_object());
			json_set_string(one, "Path", path);
			json_set_u64(one, number_key(&table[k]), number);
		}
	}
}

void spec_block_io(const struct json *host, struct json *resources)
{
	for (size_t k = 0; k < ARRAY_LEN(table); k++) {
		const struct json *list = json_member(host, table[k].key);
		for (size_t i = 0; i < json_len(list); i++) {
			const char *path = json_text_of(json_member(json_item(list, i), "Path"));
			struct json *block = json_sub(resources, "blockIO"), *all;
			struct stat st;
			if (!path || stat(path, &st) < 0)
				continue;
			all = (struct json *)json_member(block, table[k].oci);
			if (!all)
				all = json_set(block, table[k].oci, json_new_array());
			struct json *one = json_add(all, json_new_object());
			json_set_i64(one, "major", major(st.st_rdev));
			json_set_i64(one, "minor", minor(st.st_rdev));
			json_set_i64(one, table[k].value == VALUE_WEIGHT ? "weight" : "rate",
				json_int_of(json_member(json_item(list, i), number_key(&table[k]))));
		}
	}
}
