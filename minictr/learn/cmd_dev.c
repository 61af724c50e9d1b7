#include "learn/cmd.h"
int cmd_dev(int argc, char **argv) { return 2; }
