/*
 * settings.h - the daemon's configuration in this world: a file as an operator would write it, read
 * by the daemon's own reader, with choices that differ from seed to seed.
 */
#ifndef TESTS_SIM_SETTINGS_H
#define TESTS_SIM_SETTINGS_H

struct sim;
struct detail;

struct config;
/* Writes the file, and reads it: to be freed, or to become sim->config. */
struct config *settings_read(struct sim *sim);
/* Makes the folder, the zones and the configuration. */
void settings_make(struct sim *sim);
/* An operator changes the sellers' policies in the file, and has the daemon read it again. */
void settings_change(struct sim *sim, struct detail *detail);
void settings_free(struct sim *sim);

#endif
