# Writes ${OUT}: a C table of the migration files ${FILES} in numerical order, as
#   const struct migration ${PREFIX}_migrations[] = {{number, "title", sql}, ...};
# The number and title come from the file name NNNN_title.sql. The text is written as bytes, because
# a string literal of that length is more than C17 promises to take.
list(SORT FILES)
set(texts "")
set(rows "")
set(count 0)
foreach(f ${FILES})
    get_filename_component(base ${f} NAME_WE)
    string(REGEX MATCH "^([0-9]+)_(.*)$" _ ${base})
    set(title "${CMAKE_MATCH_2}")
    string(REGEX REPLACE "^0+" "" number "${CMAKE_MATCH_1}")
    file(READ ${f} bytes HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    string(REGEX REPLACE "(................................................................................)" "\\1\n    " bytes "${bytes}")
    string(APPEND texts "static const char migration_${number}[] = {\n    ${bytes}0};\n\n")
    string(APPEND rows "    {${number}, \"${title}\", migration_${number}},\n")
    math(EXPR count "${count}+1")
endforeach()
file(WRITE ${OUT} "/* Generated from schema/${PREFIX}/NNNN_title.sql. */\n#include \"schema/migration.h\"\n\n")
file(APPEND ${OUT} "${texts}const struct migration ${PREFIX}_migrations[] = {\n${rows}};\n")
file(APPEND ${OUT} "const unsigned ${PREFIX}_migration_count = ${count};\n")
