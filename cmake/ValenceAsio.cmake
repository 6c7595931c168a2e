# Boost.Asio and Boost.Beast with OpenSSL: headers of the distribution, compiled once, linked statically.
find_path(BOOST_INCLUDE boost/beast/src.hpp REQUIRED)
find_path(OPENSSL_INCLUDE openssl/ssl.h REQUIRED)
find_library(SSL_ARCHIVE NAMES libssl.a REQUIRED)
find_library(CRYPTO_ARCHIVE NAMES libcrypto.a REQUIRED)

add_library(valence_asio STATIC ${CMAKE_SOURCE_DIR}/src/net/asio.cpp)
target_include_directories(valence_asio SYSTEM PUBLIC ${BOOST_INCLUDE} ${OPENSSL_INCLUDE})
target_compile_definitions(valence_asio PUBLIC BOOST_ASIO_SEPARATE_COMPILATION
  BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(valence_asio PUBLIC ${SSL_ARCHIVE} ${CRYPTO_ARCHIVE} Threads::Threads ${CMAKE_DL_LIBS})
