/*
 * pager.h - lists that do not fit on the screen are read page by page.
 */
#ifndef MC_CLI_PAGER_H
#define MC_CLI_PAGER_H

#include <stdbool.h>
#include "base/buf.h"

/* Is it a command that prints a list and ends (ps, images, help ...)? One that talks with a person or goes
 * on is not. */
bool pager_wants(char *const words[]);
/* Reads fd to its end into *text (at most 64 MiB; what is behind that is read and dropped). */
void pager_collect(int fd, struct buf *text);
/* Prints text on the terminal: whole when it fits, else by $PAGER, less(1) or more(1); whole, too, when
 * there is none. */
void pager_show(const struct buf *text);

#endif
