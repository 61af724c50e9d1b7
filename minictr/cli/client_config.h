/*
 * client_config.h - what docker's own config.json says to a client: psFormat, imagesFormat, detachKeys.
 */
#ifndef MC_CLI_CLIENT_CONFIG_H
#define MC_CLI_CLIENT_CONFIG_H

/* The text behind key in $DOCKER_CONFIG/config.json (--config DIR; else ~/.docker). NULL when there is
 * none. Caller frees. A file that is no JSON is warned about, and counts as absent. */
char *client_config(const char *key);

#endif
