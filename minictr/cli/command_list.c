/*
 * command_list.c - commands that other executables serve, as the light one lists and hands them on.
 * A row here and the struct command in the executable carry the same name, aliases and summary;
 * tests/run/50-cli-help.sh compares them.
 */
#include "cli/command.h"

/* clang-format off */
#define HEAVY(id, exe, grp, tk, nm, al, sum) \
	static const struct command id = { \
		.name = nm, .aliases = al, .group = grp, .summary = sum, .program = exe, .takes = tk }

HEAVY(pull,     "minictr-image", GROUP_IMAGES, TAKES_IMAGES, "pull",    "image pull",               "Fetch an image from a registry");
HEAVY(push,     "minictr-image", GROUP_IMAGES, TAKES_IMAGES, "push",    "image push",               "Send an image to a registry");
HEAVY(images,   "minictr-image", GROUP_IMAGES, TAKES_IMAGES, "images",  "image ls, image list",     "List images");
HEAVY(load,     "minictr-image", GROUP_IMAGES, TAKES_NOTHING, "load",    "image load",               "Load images from an archive");
HEAVY(save,     "minictr-image", GROUP_IMAGES, TAKES_IMAGES, "save",    "image save",               "Save images to an archive");
HEAVY(import,   "minictr-image", GROUP_IMAGES, TAKES_NOTHING, "import",  "image import",             "Make an image of a root file system archive");
HEAVY(tag,      "minictr-image", GROUP_IMAGES, TAKES_IMAGES, "tag",     "image tag",                "Give an image another name");
HEAVY(rmi,      "minictr-image", GROUP_IMAGES, TAKES_IMAGES, "rmi",     "image rm, image remove",   "Remove images");
HEAVY(history,  "minictr-image", GROUP_IMAGES, TAKES_IMAGES, "history", "image history",            "Show the layers an image is made of");
HEAVY(itree,    "minictr-image", GROUP_IMAGES, TAKES_IMAGES, "image tree", NULL,               "Draw images with their layers and who shares them");
HEAVY(iprune,   "minictr-image", GROUP_IMAGES, TAKES_NOTHING, "image prune", NULL,              "Remove images that nobody uses");
HEAVY(iunpack,  "minictr-image", GROUP_HIDDEN, TAKES_IMAGES, "image unpack", NULL,             "Unpack the layers of an image that another tool put into the store");
HEAVY(commit,   "minictr-image", GROUP_IMAGES, TAKES_CONTAINERS, "commit",  "container commit",     "Make an image of a container's changes");
HEAVY(export,   "minictr-image", GROUP_LOOK, TAKES_CONTAINERS, "export",  "container export",       "Write a container's files as a tar archive");
HEAVY(cp,       "minictr-image", GROUP_LOOK, TAKES_CONTAINERS, "cp",      "container cp",           "Copy files into or out of a container");
HEAVY(vexport,  "minictr-image", GROUP_SYSTEM, TAKES_VOLUMES, "volume export", NULL,           "Write a volume as an archive: a backup, or the way to another machine");
HEAVY(vimport,  "minictr-image", GROUP_SYSTEM, TAKES_NOTHING, "volume import", NULL,           "Make a volume of an archive");
HEAVY(vclone,   "minictr-image", GROUP_SYSTEM, TAKES_VOLUMES, "volume clone", NULL,            "Copy a volume");
HEAVY(search,   "minictr-image", GROUP_IMAGES, TAKES_NOTHING, "search",  NULL,                       "Search a registry for images");
HEAVY(login,    "minictr-image", GROUP_IMAGES, TAKES_NOTHING, "login",   NULL,                       "Log in to a registry");
HEAVY(logout,   "minictr-image", GROUP_IMAGES, TAKES_NOTHING, "logout",  NULL,                       "Log out from a registry");
HEAVY(registry, "minictr-registry", GROUP_IMAGES, TAKES_NOTHING, "registry", NULL,                   "Serve images to other machines (registry serve)");

HEAVY(progress, "minictr-lab",   GROUP_LEARN, TAKES_NOTHING,  "progress", NULL,                      "What you have done so far");
HEAVY(tutorial, "minictr-lab",   GROUP_LEARN, TAKES_NOTHING,  "tutorial", NULL,                      "Read a chapter of the book");
HEAVY(exercise, "minictr-lab",   GROUP_LEARN, TAKES_NOTHING,  "exercise", NULL,                      "Hands-on tasks without C: exercise NAME, check, hint");
HEAVY(doctor,   "minictr-lab",   GROUP_LEARN, TAKES_NOTHING,  "doctor",  NULL,                       "What this machine can run, and the fix for each gap");
/* clang-format on */

static const struct command lab = { .name = "lab",
	.group = GROUP_LEARN,
	.summary = "Build it yourself, step by step",
	.program = "minictr-lab",
	.raw = true };

const struct command *const heavy_commands[] = { &pull, &push, &images, &load, &save, &import, &tag, &rmi,
	&history, &itree, &iprune, &iunpack, &commit, &export, &cp, &vexport, &vimport, &vclone, &search,
	&login, &logout, &registry, &lab, &progress, &tutorial, &exercise, &doctor, NULL };
