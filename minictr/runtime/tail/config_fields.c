/*
 * tail/config_fields.c - every field of config.json that a Linux runtime reads, with what may stand there.
 *
 * Code that reads a field often takes a narrower type than JSON has: a mode of twelve bits, a window size of
 * sixteen. Without this table a value that does not fit would be cut and mean something else; and a field
 * that is read late, or only on some machines, would hide a wrong type. So a document is compared with the
 * table before anything is done. Fields that are not in the table are ignored, as config.md
 * ("Extensibility") wants.
 *
 * Paths: "[]" is each element of a list, "{}" each value of an object with free keys.
 * https://github.com/opencontainers/runtime-spec/blob/main/schema/config-schema.json
 */
#include "runtime/tail/config_shape.h"

/* A field that is needed must be there if the object around it is. */
#define NEED .needed = true
#define MAY .needed = false
#define U32 UINT32_MAX
#define I64 INT64_MAX

/* 4294967295 is (uid_t)-1. setresuid(2) takes that as "leave it as it is": the program would stay root. */
#define ID_MAX (UINT32_MAX - 1)

static const struct config_field process_fields[] = {
	{ "terminal", SHAPE_BOOL, MAY },
	{ "consoleSize", SHAPE_OBJECT, MAY },
	/* struct winsize has 16 bits. */
	{ "consoleSize.height", SHAPE_NUMBER, NEED, .max = UINT16_MAX },
	{ "consoleSize.width", SHAPE_NUMBER, NEED, .max = UINT16_MAX },
	{ "user", SHAPE_OBJECT, MAY },
	{ "user.uid", SHAPE_NUMBER, MAY, .max = ID_MAX },
	{ "user.gid", SHAPE_NUMBER, MAY, .max = ID_MAX },
	{ "user.umask", SHAPE_NUMBER, MAY, .max = 0777 },
	{ "user.additionalGids", SHAPE_LIST, MAY },
	{ "user.additionalGids[]", SHAPE_NUMBER, NEED, .max = ID_MAX },
	{ "args", SHAPE_LIST, MAY },
	{ "args[]", SHAPE_TEXT, NEED },
	{ "env", SHAPE_LIST, MAY },
	{ "env[]", SHAPE_TEXT, NEED },
	{ "cwd", SHAPE_TEXT, NEED },
	{ "capabilities", SHAPE_OBJECT, MAY },
	{ "capabilities.bounding", SHAPE_LIST, MAY },
	{ "capabilities.bounding[]", SHAPE_TEXT, NEED },
	{ "capabilities.effective", SHAPE_LIST, MAY },
	{ "capabilities.effective[]", SHAPE_TEXT, NEED },
	{ "capabilities.permitted", SHAPE_LIST, MAY },
	{ "capabilities.permitted[]", SHAPE_TEXT, NEED },
	{ "capabilities.inheritable", SHAPE_LIST, MAY },
	{ "capabilities.inheritable[]", SHAPE_TEXT, NEED },
	{ "capabilities.ambient", SHAPE_LIST, MAY },
	{ "capabilities.ambient[]", SHAPE_TEXT, NEED },
	{ "rlimits", SHAPE_LIST, MAY },
	{ "rlimits[]", SHAPE_OBJECT, NEED },
	{ "rlimits[].type", SHAPE_TEXT, NEED },
	/* Both are needed; config_keys.c says it for the pair. */
	{ "rlimits[].soft", SHAPE_U64, MAY },
	{ "rlimits[].hard", SHAPE_U64, MAY },
	{ "noNewPrivileges", SHAPE_BOOL, MAY },
	{ "apparmorProfile", SHAPE_TEXT, MAY },
	{ "selinuxLabel", SHAPE_TEXT, MAY },
	{ "oomScoreAdj", SHAPE_NUMBER, MAY, .min = -1000, .max = 1000 },
	{ "scheduler", SHAPE_OBJECT, MAY },
	{ "scheduler.policy", SHAPE_WORD, NEED,
		.words = "SCHED_OTHER SCHED_FIFO SCHED_RR SCHED_BATCH SCHED_ISO SCHED_IDLE SCHED_DEADLINE" },
	{ "scheduler.nice", SHAPE_NUMBER, MAY, .min = -20, .max = 19 },
	{ "scheduler.priority", SHAPE_NUMBER, MAY, .max = 99 },
	{ "scheduler.flags", SHAPE_LIST, MAY },
	{ "scheduler.flags[]", SHAPE_WORD, NEED,
		.words = "SCHED_FLAG_RESET_ON_FORK SCHED_FLAG_RECLAIM SCHED_FLAG_DL_OVERRUN "
			 "SCHED_FLAG_KEEP_POLICY SCHED_FLAG_KEEP_PARAMS SCHED_FLAG_UTIL_CLAMP_MIN "
			 "SCHED_FLAG_UTIL_CLAMP_MAX" },
	{ "scheduler.runtime", SHAPE_U64, MAY },
	{ "scheduler.deadline", SHAPE_U64, MAY },
	{ "scheduler.period", SHAPE_U64, MAY },
	{ "ioPriority", SHAPE_OBJECT, MAY },
	{ "ioPriority.class", SHAPE_WORD, NEED,
		.words = "IOPRIO_CLASS_RT IOPRIO_CLASS_BE IOPRIO_CLASS_IDLE" },
	{ "ioPriority.priority", SHAPE_NUMBER, MAY, .max = 7 },
	{ "execCPUAffinity", SHAPE_OBJECT, MAY },
	{ "execCPUAffinity.initial", SHAPE_CPUS, MAY },
	{ "execCPUAffinity.final", SHAPE_CPUS, MAY },
};

static const struct config_field resource_fields[] = {
	{ "devices", SHAPE_LIST, MAY },
	{ "devices[]", SHAPE_OBJECT, NEED },
	{ "devices[].allow", SHAPE_BOOL, NEED },
	{ "devices[].type", SHAPE_TEXT, MAY },
	{ "devices[].major", SHAPE_NUMBER, MAY, .min = -1, .max = U32 },
	{ "devices[].minor", SHAPE_NUMBER, MAY, .min = -1, .max = U32 },
	{ "devices[].access", SHAPE_TEXT, MAY },
	{ "memory", SHAPE_OBJECT, MAY },
	/* -1 is "no limit". Another negative number would be taken for it too. */
	{ "memory.limit", SHAPE_NUMBER, MAY, .min = -1, .max = I64 },
	{ "memory.swap", SHAPE_NUMBER, MAY, .min = -1, .max = I64 },
	{ "memory.reservation", SHAPE_NUMBER, MAY, .min = -1, .max = I64 },
	{ "memory.kernel", SHAPE_NUMBER, MAY, .min = -1, .max = I64 },
	{ "memory.kernelTCP", SHAPE_NUMBER, MAY, .min = -1, .max = I64 },
	{ "memory.swappiness", SHAPE_NUMBER, MAY, .max = 100 },
	{ "memory.disableOOMKiller", SHAPE_BOOL, MAY },
	{ "memory.useHierarchy", SHAPE_BOOL, MAY },
	{ "memory.checkBeforeUpdate", SHAPE_BOOL, MAY },
	{ "cpu", SHAPE_OBJECT, MAY },
	{ "cpu.shares", SHAPE_U64, MAY },
	{ "cpu.quota", SHAPE_NUMBER, MAY, .min = -1, .max = I64 },
	{ "cpu.burst", SHAPE_NUMBER, MAY, .max = I64 },
	{ "cpu.period", SHAPE_U64, MAY },
	{ "cpu.realtimeRuntime", SHAPE_NUMBER, MAY, .min = -1, .max = I64 },
	{ "cpu.realtimePeriod", SHAPE_NUMBER, MAY, .max = I64 },
	{ "cpu.cpus", SHAPE_CPUS, MAY },
	{ "cpu.mems", SHAPE_CPUS, MAY },
	{ "cpu.idle", SHAPE_NUMBER, MAY, .max = 1 },
	{ "pids", SHAPE_OBJECT, MAY },
	{ "pids.limit", SHAPE_NUMBER, MAY, .min = -1, .max = I64 },
	{ "blockIO", SHAPE_OBJECT, MAY },
	{ "blockIO.weight", SHAPE_NUMBER, MAY, .max = 1000 },
	{ "blockIO.leafWeight", SHAPE_NUMBER, MAY, .max = 1000 },
	{ "blockIO.weightDevice", SHAPE_LIST, MAY },
	{ "blockIO.weightDevice[]", SHAPE_OBJECT, NEED },
	{ "blockIO.weightDevice[].major", SHAPE_NUMBER, NEED, .max = U32 },
	{ "blockIO.weightDevice[].minor", SHAPE_NUMBER, NEED, .max = U32 },
	{ "blockIO.weightDevice[].weight", SHAPE_NUMBER, MAY, .max = 1000 },
	{ "blockIO.weightDevice[].leafWeight", SHAPE_NUMBER, MAY, .max = 1000 },
#define THROTTLE(key)                                                                                        \
	{ "blockIO." key, SHAPE_LIST, MAY }, { "blockIO." key "[]", SHAPE_OBJECT, NEED },                    \
		{ "blockIO." key "[].major", SHAPE_NUMBER, NEED, .max = U32 },                               \
		{ "blockIO." key "[].minor", SHAPE_NUMBER, NEED, .max = U32 },                               \
	{                                                                                                    \
		"blockIO." key "[].rate", SHAPE_U64, NEED                                                    \
	}
	THROTTLE("throttleReadBpsDevice"),
	THROTTLE("throttleWriteBpsDevice"),
	THROTTLE("throttleReadIOPSDevice"),
	THROTTLE("throttleWriteIOPSDevice"),
	{ "hugepageLimits", SHAPE_LIST, MAY },
	{ "hugepageLimits[]", SHAPE_OBJECT, NEED },
	{ "hugepageLimits[].pageSize", SHAPE_TEXT, NEED },
	{ "hugepageLimits[].limit", SHAPE_U64, NEED },
	{ "network", SHAPE_OBJECT, MAY },
	{ "network.classID", SHAPE_NUMBER, MAY, .max = U32 },
	{ "network.priorities", SHAPE_LIST, MAY },
	{ "network.priorities[]", SHAPE_OBJECT, NEED },
	{ "network.priorities[].name", SHAPE_TEXT, NEED },
	{ "network.priorities[].priority", SHAPE_NUMBER, NEED, .max = U32 },
	{ "rdma", SHAPE_OBJECT, MAY },
	{ "rdma{}", SHAPE_OBJECT, NEED },
	{ "rdma{}.hcaHandles", SHAPE_NUMBER, MAY, .max = U32 },
	{ "rdma{}.hcaObjects", SHAPE_NUMBER, MAY, .max = U32 },
	{ "unified", SHAPE_OBJECT, MAY },
	{ "unified{}", SHAPE_TEXT, NEED },
};

static const struct config_field document_fields[] = {
	{ "ociVersion", SHAPE_TEXT, NEED },
	{ "root", SHAPE_OBJECT, MAY },
	{ "root.path", SHAPE_TEXT, NEED },
	{ "root.readonly", SHAPE_BOOL, MAY },
	{ "hostname", SHAPE_TEXT, MAY },
	{ "domainname", SHAPE_TEXT, MAY },
	{ "annotations", SHAPE_OBJECT, MAY },
	{ "annotations{}", SHAPE_TEXT, MAY },
	{ "process", SHAPE_OBJECT, MAY },
#define MAPPINGS(key)                                                                                        \
	{ key, SHAPE_LIST, MAY }, { key "[]", SHAPE_OBJECT, NEED },                                          \
		{ key "[].containerID", SHAPE_NUMBER, NEED, .max = ID_MAX },                                 \
		{ key "[].hostID", SHAPE_NUMBER, NEED, .max = ID_MAX },                                      \
	{                                                                                                    \
		key "[].size", SHAPE_NUMBER, NEED, .min = 1, .max = U32                                      \
	}
	{ "mounts", SHAPE_LIST, MAY },
	{ "mounts[]", SHAPE_OBJECT, NEED },
	{ "mounts[].destination", SHAPE_TEXT, NEED },
	{ "mounts[].type", SHAPE_TEXT, MAY },
	{ "mounts[].source", SHAPE_TEXT, MAY },
	{ "mounts[].options", SHAPE_LIST, MAY },
	{ "mounts[].options[]", SHAPE_TEXT, NEED },
	MAPPINGS("mounts[].uidMappings"),
	MAPPINGS("mounts[].gidMappings"),
	{ "hooks", SHAPE_OBJECT, MAY },
#define HOOK(key)                                                                                            \
	{ "hooks." key, SHAPE_LIST, MAY }, { "hooks." key "[]", SHAPE_OBJECT, NEED },                        \
		{ "hooks." key "[].path", SHAPE_TEXT, NEED }, { "hooks." key "[].args", SHAPE_LIST, MAY },   \
		{ "hooks." key "[].args[]", SHAPE_TEXT, NEED }, { "hooks." key "[].env", SHAPE_LIST, MAY },  \
		{ "hooks." key "[].env[]", SHAPE_TEXT, NEED },                                               \
	{                                                                                                    \
		"hooks." key "[].timeout", SHAPE_NUMBER, MAY, .min = 1, .max = INT32_MAX                     \
	}
	HOOK("prestart"),
	HOOK("createRuntime"),
	HOOK("createContainer"),
	HOOK("startContainer"),
	HOOK("poststart"),
	HOOK("poststop"),
	{ "linux", SHAPE_OBJECT, MAY },
	{ "linux.namespaces", SHAPE_LIST, MAY },
	{ "linux.namespaces[]", SHAPE_OBJECT, NEED },
	{ "linux.namespaces[].type", SHAPE_TEXT, NEED },
	{ "linux.namespaces[].path", SHAPE_TEXT, MAY },
	MAPPINGS("linux.uidMappings"),
	MAPPINGS("linux.gidMappings"),
	{ "linux.timeOffsets", SHAPE_OBJECT, MAY },
	{ "linux.timeOffsets{}", SHAPE_OBJECT, NEED },
	{ "linux.timeOffsets{}.secs", SHAPE_NUMBER, MAY, .min = INT64_MIN, .max = I64 },
	{ "linux.timeOffsets{}.nanosecs", SHAPE_NUMBER, MAY, .max = 999999999 },
	{ "linux.devices", SHAPE_LIST, MAY },
	{ "linux.devices[]", SHAPE_OBJECT, NEED },
	{ "linux.devices[].type", SHAPE_WORD, NEED, .words = "c b u p" },
	{ "linux.devices[].path", SHAPE_TEXT, NEED },
	/* config_keys.c knows which numbers a device can have. */
	{ "linux.devices[].major", SHAPE_NUMBER, MAY, .min = -1, .max = I64 },
	{ "linux.devices[].minor", SHAPE_NUMBER, MAY, .min = -1, .max = I64 },
	/* Some engines write st_mode as it is, with the bits of the type. */
	{ "linux.devices[].fileMode", SHAPE_NUMBER, MAY, .max = 0177777 },
	{ "linux.devices[].uid", SHAPE_NUMBER, MAY, .max = ID_MAX },
	{ "linux.devices[].gid", SHAPE_NUMBER, MAY, .max = ID_MAX },
	{ "linux.cgroupsPath", SHAPE_TEXT, MAY },
	{ "linux.resources", SHAPE_OBJECT, MAY },
	{ "linux.rootfsPropagation", SHAPE_TEXT, MAY },
	{ "linux.seccomp", SHAPE_OBJECT, MAY },
	{ "linux.seccomp.defaultAction", SHAPE_TEXT, NEED },
	{ "linux.seccomp.defaultErrnoRet", SHAPE_NUMBER, MAY, .max = UINT16_MAX },
	{ "linux.seccomp.architectures", SHAPE_LIST, MAY },
	{ "linux.seccomp.architectures[]", SHAPE_TEXT, NEED },
	{ "linux.seccomp.flags", SHAPE_LIST, MAY },
	{ "linux.seccomp.flags[]", SHAPE_TEXT, NEED },
	{ "linux.seccomp.listenerPath", SHAPE_TEXT, MAY },
	{ "linux.seccomp.listenerMetadata", SHAPE_TEXT, MAY },
	{ "linux.seccomp.syscalls", SHAPE_LIST, MAY },
	{ "linux.seccomp.syscalls[]", SHAPE_OBJECT, NEED },
	{ "linux.seccomp.syscalls[].names", SHAPE_LIST, NEED },
	{ "linux.seccomp.syscalls[].names[]", SHAPE_TEXT, NEED },
	{ "linux.seccomp.syscalls[].action", SHAPE_TEXT, NEED },
	{ "linux.seccomp.syscalls[].errnoRet", SHAPE_NUMBER, MAY, .max = UINT16_MAX },
	{ "linux.seccomp.syscalls[].args", SHAPE_LIST, MAY },
	{ "linux.seccomp.syscalls[].args[]", SHAPE_OBJECT, NEED },
	{ "linux.seccomp.syscalls[].args[].index", SHAPE_NUMBER, NEED, .max = 5 },
	{ "linux.seccomp.syscalls[].args[].value", SHAPE_U64, NEED },
	{ "linux.seccomp.syscalls[].args[].valueTwo", SHAPE_U64, MAY },
	{ "linux.seccomp.syscalls[].args[].op", SHAPE_TEXT, NEED },
	{ "linux.sysctl", SHAPE_OBJECT, MAY },
	{ "linux.sysctl{}", SHAPE_TEXT, NEED },
	{ "linux.maskedPaths", SHAPE_LIST, MAY },
	{ "linux.maskedPaths[]", SHAPE_TEXT, NEED },
	{ "linux.readonlyPaths", SHAPE_LIST, MAY },
	{ "linux.readonlyPaths[]", SHAPE_TEXT, NEED },
	{ "linux.mountLabel", SHAPE_TEXT, MAY },
	{ "linux.personality", SHAPE_OBJECT, MAY },
	{ "linux.personality.domain", SHAPE_TEXT, NEED },
	{ "linux.personality.flags", SHAPE_LIST, MAY },
	{ "linux.intelRdt", SHAPE_OBJECT, MAY },
	{ "linux.memoryPolicy", SHAPE_OBJECT, MAY },
	{ "linux.netDevices", SHAPE_OBJECT, MAY },
};

const struct config_table config_tables[] = {
	{ "", document_fields, ARRAY_LEN(document_fields) },
	{ "process.", process_fields, ARRAY_LEN(process_fields) },
	{ "linux.resources.", resource_fields, ARRAY_LEN(resource_fields) },
};
