# The simulated world: the daemon's own objects on edges of ours. An edge that is defined here is not
# taken from its library; what has no edge is wrapped.
if(TARGET scheduler AND TARGET sandbox)
    file(GLOB SIM_SOURCES CONFIGURE_DEPENDS sim/*.c)
    add_executable(sim ${SIM_SOURCES})
    target_link_libraries(sim scheduler sandbox PkgConfig::SQLITE)
    if(SANITIZE)
        target_compile_definitions(sim PRIVATE SIM_POISONS)
    endif()
    foreach(symbol malloc calloc realloc reallocarray free random_bytes ensure_failed)
        target_link_options(sim PRIVATE -Wl,--wrap=${symbol})
    endforeach()
endif()
