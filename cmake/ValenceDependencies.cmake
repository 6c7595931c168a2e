# Third-party libraries, all from the distribution and linked statically. ARCHITECTURE.md says why each.
function(valence_static_library name archive header)
  find_library(${name}_ARCHIVE NAMES ${archive} REQUIRED)
  find_path(${name}_INCLUDE NAMES ${header} REQUIRED)
  add_library(${name} INTERFACE)
  target_link_libraries(${name} INTERFACE $<BUILD_INTERFACE:${${name}_ARCHIVE}>
    $<INSTALL_INTERFACE:${archive}>)
  set_property(GLOBAL APPEND PROPERTY VALENCE_STATIC_LIBRARIES ${name})
endfunction()

valence_static_library(valence_utf8proc libutf8proc.a utf8proc.h)
target_compile_definitions(valence_utf8proc INTERFACE UTF8PROC_STATIC)
valence_static_library(valence_pcre2 libpcre2-8.a pcre2.h)
target_compile_definitions(valence_pcre2 INTERFACE PCRE2_STATIC)
valence_static_library(valence_csv libcsv.a csv.h)
valence_static_library(valence_zlib libz.a zlib.h)
find_path(NLOHMANN_INCLUDE nlohmann/json.hpp REQUIRED)
find_path(CLI11_INCLUDE CLI/CLI.hpp REQUIRED)

add_library(valence_dependencies INTERFACE)
target_link_libraries(valence_dependencies INTERFACE
  valence_utf8proc valence_pcre2 valence_csv valence_zlib Threads::Threads)
