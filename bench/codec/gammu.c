/* Reads a file of TPDUs, one in hex a line, with libgammu, and says how many it decodes in a second. */
#include <gammu.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static int value(char digit) { return digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10; }

/* Digits to octets, octets to a message, and its text in UTF-8. */
static size_t read_line(const char *line, size_t digits) {
    static unsigned char octets[512];
    static char text[4096];
    GSM_SMSMessage message;
    size_t used = 0;
    for (size_t i = 0; i + 1 < digits; i += 2)
        octets[i / 2] = (unsigned char)(value(line[i]) << 4 | value(line[i + 1]));
    GSM_SetDefaultSMSData(&message);
    if (GSM_DecodePDUFrame(NULL, &message, octets, digits / 2, &used, TRUE) != ERR_NONE)
        return 0;
    if (message.Coding == SMS_Coding_8bit)
        return (size_t)message.Length;
    EncodeUTF8(text, message.Text);
    return strlen(text);
}

int main(int count, char **words) {
    if (count < 3)
        return 2;
    FILE *file = fopen(words[1], "r");
    if (file == NULL)
        return 1;
    static char *lines[1 << 20];
    static size_t lengths[1 << 20];
    size_t all = 0;
    char line[1024];
    while (all < 1 << 20 && fgets(line, sizeof line, file) != NULL) {
        lengths[all] = strcspn(line, "\n");
        lines[all] = strndup(line, lengths[all]);
        all++;
    }
    fclose(file);
    printf("decode");
    for (int time = atoi(words[2]); time > 0; time--) {
        double begun = now();
        size_t length = 0;
        for (size_t i = 0; i < all; i++)
            length += read_line(lines[i], lengths[i]);
        printf(" %.0f", (double)all / (now() - begun));
        if (length == 0)
            return 3;
    }
    printf("\n");
    return 0;
}
