/*
 * CCurl: the variadic functions of libcurl, one per type of argument, because Swift cannot call variadics. Everything
 * else is libcurl's own and is used under its own name. A wrapper checks nothing: an option must be of the wrapper's
 * type. Results are CURLE_OK or libcurl's code. Threads: as libcurl says, one handle on one thread at a time.
 */
#ifndef CCURL_H
#define CCURL_H

/* libcurl's macros that check types of variadic arguments would only get in the way. */
#ifndef CURL_DISABLE_TYPECHECK
#define CURL_DISABLE_TYPECHECK
#endif
#include <curl/curl.h>

/* Nullability is Clang's; other compilers read past it. */
#ifndef __clang__
#define _Nullable
#define _Nonnull
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Bodies and headers that arrive: returns how many bytes were taken; any other number ends the transfer. */
typedef size_t (*ccurl_write_callback)(char *_Nonnull bytes, size_t size, size_t count, void *_Nullable context);
/* Bodies that go out: fills at most size * count bytes; 0 is the end, CURL_READFUNC_ABORT ends the transfer. */
typedef size_t (*ccurl_read_callback)(char *_Nonnull bytes, size_t size, size_t count, void *_Nullable context);
/* Progress: anything but 0 ends the transfer. */
typedef int (*ccurl_progress_callback)(void *_Nullable context, curl_off_t download_total, curl_off_t download_now,
                                       curl_off_t upload_total, curl_off_t upload_now);

/* ------------------------------------------------------------------ options of a transfer */

/* Options of type long: CURLOPT_TIMEOUT_MS, CURLOPT_POST, ... and enums. */
static inline CURLcode ccurl_easy_setopt_long(CURL *_Nonnull easy, CURLoption option, long value)
{
    return curl_easy_setopt(easy, option, value);
}

/* Options of type curl_off_t: CURLOPT_POSTFIELDSIZE_LARGE, ... */
static inline CURLcode ccurl_easy_setopt_off_t(CURL *_Nonnull easy, CURLoption option, curl_off_t value)
{
    return curl_easy_setopt(easy, option, value);
}

/* Options of type pointer: CURLOPT_WRITEDATA, CURLOPT_PRIVATE, CURLOPT_POSTFIELDS (not copied: it must outlive the
   transfer), ... */
static inline CURLcode ccurl_easy_setopt_pointer(CURL *_Nonnull easy, CURLoption option, void *_Nullable value)
{
    return curl_easy_setopt(easy, option, value);
}

/* Options of type string; libcurl copies it. NULL resets. */
static inline CURLcode ccurl_easy_setopt_string(CURL *_Nonnull easy, CURLoption option, const char *_Nullable value)
{
    return curl_easy_setopt(easy, option, value);
}

/* Options of type list: CURLOPT_HTTPHEADER, ... The list must outlive the transfer. */
static inline CURLcode ccurl_easy_setopt_list(CURL *_Nonnull easy, CURLoption option,
                                              struct curl_slist *_Nullable value)
{
    return curl_easy_setopt(easy, option, value);
}

/* CURLOPT_WRITEFUNCTION, CURLOPT_HEADERFUNCTION. */
static inline CURLcode ccurl_easy_setopt_write_callback(CURL *_Nonnull easy, CURLoption option,
                                                        ccurl_write_callback _Nullable value)
{
    return curl_easy_setopt(easy, option, value);
}

/* CURLOPT_READFUNCTION. */
static inline CURLcode ccurl_easy_setopt_read_callback(CURL *_Nonnull easy, CURLoption option,
                                                       ccurl_read_callback _Nullable value)
{
    return curl_easy_setopt(easy, option, value);
}

/* CURLOPT_XFERINFOFUNCTION; CURLOPT_NOPROGRESS must be 0 for it. */
static inline CURLcode ccurl_easy_setopt_progress_callback(CURL *_Nonnull easy, ccurl_progress_callback _Nullable value)
{
    return curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, value);
}

/* A new socket, before it connects: CURL_SOCKOPT_OK goes on. */
typedef int (*ccurl_socket_callback)(void *_Nullable context, curl_socket_t descriptor, curlsocktype purpose);

/* CURLOPT_SOCKOPTFUNCTION. */
static inline CURLcode ccurl_easy_setopt_socket_callback(CURL *_Nonnull easy, ccurl_socket_callback _Nullable value)
{
    return curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, value);
}

/* ------------------------------------------------------------------ what became of it */

/* CURLINFO_RESPONSE_CODE, ... */
static inline CURLcode ccurl_easy_getinfo_long(CURL *_Nonnull easy, CURLINFO info, long *_Nonnull out)
{
    return curl_easy_getinfo(easy, info, out);
}

/* CURLINFO_TOTAL_TIME, ..., in seconds. */
static inline CURLcode ccurl_easy_getinfo_double(CURL *_Nonnull easy, CURLINFO info, double *_Nonnull out)
{
    return curl_easy_getinfo(easy, info, out);
}

/* CURLINFO_TOTAL_TIME_T (microseconds), CURLINFO_RETRY_AFTER (seconds), ... */
static inline CURLcode ccurl_easy_getinfo_off_t(CURL *_Nonnull easy, CURLINFO info, curl_off_t *_Nonnull out)
{
    return curl_easy_getinfo(easy, info, out);
}

/* CURLINFO_EFFECTIVE_URL, CURLINFO_CONTENT_TYPE, ...: borrowed from the handle, perhaps NULL. */
static inline CURLcode ccurl_easy_getinfo_string(CURL *_Nonnull easy, CURLINFO info,
                                                 const char *_Nullable *_Nonnull out)
{
    return curl_easy_getinfo(easy, info, out);
}

/* CURLINFO_PRIVATE. */
static inline CURLcode ccurl_easy_getinfo_pointer(CURL *_Nonnull easy, CURLINFO info, void *_Nullable *_Nonnull out)
{
    return curl_easy_getinfo(easy, info, out);
}

/* ------------------------------------------------------------------ many transfers */

/* CURLMOPT_MAX_TOTAL_CONNECTIONS, CURLMOPT_MAX_HOST_CONNECTIONS, CURLMOPT_PIPELINING, ... */
static inline CURLMcode ccurl_multi_setopt_long(CURLM *_Nonnull multi, CURLMoption option, long value)
{
    return curl_multi_setopt(multi, option, value);
}

static inline CURLMcode ccurl_multi_setopt_pointer(CURLM *_Nonnull multi, CURLMoption option, void *_Nullable value)
{
    return curl_multi_setopt(multi, option, value);
}

/* A message of curl_multi_info_read has a union, whose `result` this reads. */
static inline CURLcode ccurl_message_result(const CURLMsg *_Nonnull message)
{
    return message->data.result;
}

/* curl_global_init with all that libcurl was built with. Once, before there are threads. */
CURLcode ccurl_global_init(void);

#ifdef __cplusplus
}
#endif
#endif
