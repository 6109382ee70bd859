/*
 * settings.h - the daemon's configuration in this world: a file as an operator would write it, read
 * by the daemon's own reader, with choices that differ from seed to seed.
 */
#ifndef TESTS_SIM_SETTINGS_H
#define TESTS_SIM_SETTINGS_H

struct sim;

struct config;
/* Writes the file, and reads it: to be freed, or to become sim->config. */
struct config *settings_read(struct sim *sim);
/* Makes the folder, the zones and the configuration. */
void settings_make(struct sim *sim);
void settings_free(struct sim *sim);

#endif
