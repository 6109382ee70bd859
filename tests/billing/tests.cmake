# libical, where it is installed, as a second opinion about month ends.
pkg_check_modules(ICAL QUIET IMPORTED_TARGET libical)
if(ICAL_FOUND AND TARGET billing)
    add_executable(recurrence_ical billing/main_recurrence_ical.c)
    target_link_libraries(recurrence_ical billing PkgConfig::ICAL)
    add_test(NAME recurrence_ical COMMAND recurrence_ical)
    set_tests_properties(recurrence_ical PROPERTIES LABELS billing TIMEOUT 120)
endif()
# A step deeper where it is cheap.
if(TEST test_step_walk AND NOT SANITIZE)
    set_tests_properties(test_step_walk PROPERTIES ENVIRONMENT STEP_DEPTH=8)
endif()
