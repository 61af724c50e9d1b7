/*
 * todo.h - what a starter file includes: the call that lets the reference do a task until it is written.
 *
 * TODO(01.4, rootfs_pivot, root, err) calls ref_rootfs_pivot(), the reference under another name: a
 * half-done file runs the whole engine. Replace the line by code of your own. The link step sees by the
 * missing symbol which tasks are begun. (A statement expression and token pasting, which the house avoids
 * elsewhere: there is no other way to say it in one line.)
 */
#ifndef MC_LEARN_TODO_H
#define MC_LEARN_TODO_H

#define TODO(task, function, ...)                                                                            \
	({                                                                                                   \
		extern __typeof__(function) ref_##function;                                                  \
		ref_##function(__VA_ARGS__);                                                                 \
	})

/* Names the starter's generation: one that no longer fits does not link, and the tool says `lab rebase`. */
#define LAB_STARTER(generation)                                                                              \
	extern const char lab_interface_##generation;                                                        \
	__attribute__((used)) static const char *const lab_interface = &lab_interface_##generation

#endif
