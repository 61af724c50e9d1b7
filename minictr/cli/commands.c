/*
 * commands.c - the one place where a light command is registered.
 */
#include "cli/commands.h"

enum { MOST = 128 };

const struct command *const *light_table(void)
{
	static const struct command *const own[] = { &cmd_help, &cmd_version };
	static const struct command *all[MOST + 1];
	size_t n = 0;
	for (size_t i = 0; i < ARRAY_LEN(own) && n < MOST; i++)
		all[n++] = own[i];
	for (size_t i = 0; heavy_commands[i] && n < MOST; i++)
		all[n++] = heavy_commands[i];
	return all;
}
