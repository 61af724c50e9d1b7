/*
 * fuzz_walk.c - any bytes as a recorded walk (`explain --replay`): read, compared, drawn as a page.
 */
#include "cli/walk/kernel_state.h"
#include "cli/walk/walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct walk w = { 0 };
	struct mc_err err;
	if (walk_parse(&w, (const char *)data, size, "fuzz", &err) == 0) {
		for (size_t i = 0; i < w.lines.n_steps; i++) {
			char **changes = walk_changes(&w, i, 6), **born = walk_birth(&w, i, 6);
			free(kernel_look(changes, 1));
			for (char **c = changes; *c; c++)
				if (strchr(*c, '\033'))
					abort();
			strv_free(changes);
			strv_free(born);
		}
		if (walk_write_page(&w, "/dev/null/none", &err) == 0)
			abort();
	}
	walk_release(&w);
	return 0;
}
