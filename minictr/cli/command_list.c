/*
 * command_list.c - commands that other executables serve, as the light one lists and hands them on.
 * A row here and the struct command in the executable carry the same name, aliases and summary;
 * tests/run/50-cli-help.sh compares them.
 */
#include "cli/command.h"

/* clang-format off */
#define HEAVY(exe, grp, tk, nm, al, sum) \
	&(const struct command){ .name = nm, .aliases = al, .group = grp, .summary = sum, .program = exe, .takes = tk }

const struct command *const heavy_commands[] = {
	HEAVY("minictr-image", GROUP_IMAGES, TAKES_IMAGES, "pull", "image pull", "Fetch an image from a registry"),
	HEAVY("minictr-image", GROUP_IMAGES, TAKES_IMAGES, "push", "image push", "Send an image to a registry"),
	HEAVY("minictr-image", GROUP_IMAGES, TAKES_IMAGES, "images", "image ls, image list", "List images"),
	HEAVY("minictr-image", GROUP_IMAGES, TAKES_NOTHING, "load", "image load", "Load images from an archive"),
	HEAVY("minictr-image", GROUP_IMAGES, TAKES_IMAGES, "save", "image save", "Save images to an archive"),
	HEAVY("minictr-image", GROUP_IMAGES, TAKES_NOTHING, "import", "image import", "Make an image of a root file system archive"),
	HEAVY("minictr-image", GROUP_IMAGES, TAKES_IMAGES, "tag", "image tag", "Give an image another name"),
	HEAVY("minictr-image", GROUP_IMAGES, TAKES_IMAGES, "rmi", "image rm, image remove", "Remove images"),
	HEAVY("minictr-image", GROUP_IMAGES, TAKES_IMAGES, "history", "image history", "Show the layers an image is made of"),
	HEAVY("minictr-build", GROUP_IMAGES, TAKES_NOTHING, "build", "image build, builder build, buildx build", "Make an image from a Dockerfile"),
	HEAVY("minictr-build", GROUP_IMAGES, TAKES_NOTHING, "build log", NULL, "Show again what a build printed"),
	HEAVY("minictr-build", GROUP_IMAGES, TAKES_NOTHING, "builder prune", "buildx prune", "Remove the build cache"),
	HEAVY("minictr-build", GROUP_IMAGES, TAKES_NOTHING, "debug build", NULL, "Open a shell where the last failed build step stood"),
	HEAVY("minictr-image", GROUP_IMAGES, TAKES_IMAGES, "image tree", NULL, "Draw images with their layers and who shares them"),
	HEAVY("minictr-image", GROUP_IMAGES, TAKES_NOTHING, "image prune", NULL, "Remove images without a user"),
	HEAVY("minictr-image", GROUP_HIDDEN, TAKES_IMAGES, "image unpack", NULL, "Unpack the layers of an image that another tool put into the store"),
	HEAVY("minictr-image", GROUP_IMAGES, TAKES_CONTAINERS, "commit", "container commit", "Make an image of a container's changes"),
	HEAVY("minictr-image", GROUP_LOOK, TAKES_CONTAINERS, "export", "container export", "Write a container's files as a tar archive"),
	HEAVY("minictr-image", GROUP_LOOK, TAKES_CONTAINERS, "cp", "container cp", "Copy files into or out of a container"),
	HEAVY("minictr-image", GROUP_PARTS, TAKES_VOLUMES, "volume export", NULL, "Write a volume as an archive: a backup, or the way to another machine"),
	HEAVY("minictr-image", GROUP_PARTS, TAKES_NOTHING, "volume import", NULL, "Make a volume of an archive"),
	HEAVY("minictr-image", GROUP_PARTS, TAKES_VOLUMES, "volume clone", NULL, "Copy a volume"),
	HEAVY("minictr-image", GROUP_IMAGES, TAKES_NOTHING, "search", NULL, "Search a registry for images"),
	HEAVY("minictr-image", GROUP_IMAGES, TAKES_NOTHING, "login", NULL, "Log in to a registry"),
	HEAVY("minictr-image", GROUP_IMAGES, TAKES_NOTHING, "logout", NULL, "Log out from a registry"),
	HEAVY("minictr-remote", GROUP_SYSTEM, TAKES_NOTHING, "context create", NULL, "Give a daemon's address a name"),
	HEAVY("minictr-remote", GROUP_SYSTEM, TAKES_NOTHING, "context export", NULL, "Write a context to an archive (docker reads it, too)"),
	HEAVY("minictr-remote", GROUP_SYSTEM, TAKES_NOTHING, "context import", NULL, "Make a context of an archive"),
	HEAVY("minictr-remote", GROUP_SYSTEM, TAKES_NOTHING, "context inspect", NULL, "Show all that is known of contexts"),
	HEAVY("minictr-remote", GROUP_SYSTEM, TAKES_NOTHING, "context ls", "context list", "List contexts; a star stands at the one in use"),
	HEAVY("minictr-remote", GROUP_SYSTEM, TAKES_NOTHING, "context rm", "context remove", "Remove contexts"),
	HEAVY("minictr-remote", GROUP_SYSTEM, TAKES_NOTHING, "context show", NULL, "Print the name of the context in use"),
	HEAVY("minictr-remote", GROUP_SYSTEM, TAKES_NOTHING, "context update", NULL, "Change a context"),
	HEAVY("minictr-remote", GROUP_SYSTEM, TAKES_NOTHING, "context use", NULL, "Ask this daemon from now on (default: none, this machine)"),
	HEAVY("minictr-registry", GROUP_IMAGES, TAKES_NOTHING, "registry", NULL, "Serve images to other machines (registry serve)"),
	&(const struct command){ .name = "compose", .group = GROUP_MANY, .summary = "Many containers from one file",
		.program = "minictr-compose", .raw = true },
	&(const struct command){ .name = "pipeline", .group = GROUP_MANY, .summary = "CI jobs of a .gitlab-ci.yml, each in its own container",
		.program = "minictr-pipeline", .raw = true },
	HEAVY("minictr-vm", GROUP_MANY, TAKES_IMAGES, "vm run", NULL, "Boot an image as a virtual machine and run a program in it"),
	HEAVY("minictr-vm", GROUP_MANY, TAKES_NOTHING, "vm ps", "vm ls, vm list", "List virtual machines"),
	HEAVY("minictr-vm", GROUP_MANY, TAKES_NOTHING, "vm stop", NULL, "Ask a virtual machine's program to end, then switch it off"),
	HEAVY("minictr-vm", GROUP_MANY, TAKES_NOTHING, "vm rm", NULL, "Remove virtual machines"),
	HEAVY("minictr-vm", GROUP_MANY, TAKES_NOTHING, "vm exec", NULL, "Run one more program in a running virtual machine"),
	HEAVY("minictr-vm", GROUP_MANY, TAKES_NOTHING, "vm logs", NULL, "Show what a virtual machine's program has written"),
	HEAVY("minictr-vm", GROUP_MANY, TAKES_NOTHING, "vm info", NULL, "What virtual machines would run with here: qemu, kernel, accelerator"),
	HEAVY("minictr-vm", GROUP_MANY, TAKES_IMAGES, "compare", NULL, "Measure a container and a virtual machine side by side"),
	&(const struct command){ .name = "lab", .group = GROUP_LEARN, .summary = "Build it yourself, step by step",
		.program = "minictr-lab", .raw = true },
	HEAVY("minictr-lab", GROUP_LEARN, TAKES_NOTHING, "progress", NULL, "What you have done so far"),
	HEAVY("minictr-lab", GROUP_LEARN, TAKES_NOTHING, "tutorial", NULL, "Read a chapter of the book"),
	HEAVY("minictr-lab", GROUP_LEARN, TAKES_NOTHING, "exercise", NULL, "Hands-on tasks without C: exercise NAME, check, hint"),
	HEAVY("minictr-lab", GROUP_LEARN, TAKES_NOTHING, "doctor", NULL, "What this machine can run, and the fix for each gap"),
	NULL,
};
/* clang-format on */
