/*
 * remote_main.c - minictr-remote: what `minictr -H ADDRESS` becomes (elsewhere.c), and `minictr context`.
 *
 * An executable of its own, because HTTP and TLS cost 5 ms of loading, which `minictr ps` without a daemon
 * must not pay.
 */
#include "cli/remote/remote.h"

int main(int argc, char **argv) { return cli_main(argc, argv, remote_table(), "minictr-remote"); }
