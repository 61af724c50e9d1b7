# `minictr registry serve`: an executable of its own, so that nothing else loads an HTTP server.
PROGRAMS += minictr-registry
minictr-registry_main := registry/server/server_main
minictr-registry_libs := -ljson-c -lmicrohttpd -lcurl -lcrypto -larchive -lpthread
