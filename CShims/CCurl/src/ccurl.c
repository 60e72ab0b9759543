#include "ccurl.h"

CURLcode ccurl_global_init(void)
{
    return curl_global_init(CURL_GLOBAL_DEFAULT);
}
