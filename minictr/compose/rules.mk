# `minictr compose`: an executable of its own, so that nothing else loads libyaml.
PROGRAMS += minictr-compose
minictr-compose_main := cli/compose/compose_main
minictr-compose_libs := -ljson-c -lyaml
