// Loop `every_mode`, tests/device_source/src/loops/mod.rs:68
// Races: nothing is changed through a map
// 0: a(Read), aos
// 1: b(Rw), aos
// 2: c(Write), aos
// 3: d(Inc), aos
// 4: e(Min), aos
// 5: f(Max), aos
// 6: g(Rw), aos
#define OP2_FUNCTION static __device__
#define OP2_CONSTANT const
typedef long long i64;
typedef unsigned long long u64;
typedef double f64;
typedef float f32;
typedef int i32;
typedef unsigned int u32;
typedef unsigned char u8;
typedef u64 usize;
typedef u8 boolean;

OP2_FUNCTION i32 op2_wrapping_add_i32(i32 a, i32 b) { return (i32)((u32)a + (u32)b); }
OP2_FUNCTION i32 op2_sub_i32(i32 a, i32 b) { return (i32)((u32)a - (u32)b); }
OP2_FUNCTION f64 op2_abs_f64(f64 a) { return fabs(a); }
OP2_FUNCTION u64 op2_cast_f64_u64(f64 a) { return a != a ? (u64)0 : a <= 0.0 ? ((u64)0u) : a >= 1.8446744073709552e19 ? ((u64)18446744073709551615u) : (u64)a; }
OP2_FUNCTION f64 op2_min_f64(f64 a, f64 b) { return a != a || b < a ? b : a; }
OP2_FUNCTION i64 op2_cast_f64_i64(f64 a) { return a != a ? (i64)0 : a <= (-9.223372036854776e18) ? ((i64)-9223372036854775807 - 1) : a >= 9.223372036854776e18 ? ((i64)9223372036854775807) : (i64)a; }
OP2_FUNCTION i64 op2_max_i64(i64 a, i64 b) { return b > a ? b : a; }
typedef struct { f64 v[2]; } f64_2;
typedef char op2_size_of_f64_2[(sizeof(f64_2) == 16) ? 1 : -1];
typedef struct { i32 v[2]; } i32_2;
typedef char op2_size_of_i32_2[(sizeof(i32_2) == 8) ? 1 : -1];
typedef struct { u64 v[2]; } u64_2;
typedef char op2_size_of_u64_2[(sizeof(u64_2) == 16) ? 1 : -1];

#line 27 "tests/device_source/src/loops/kernels.rs"
OP2_FUNCTION void op2_kernel_every_mode(const f64_2 *a_0, i32_2 *b_1, f32 *c_2, u64_2 *d_3, f64 *e_4, i64 *f_5, boolean *g_6, OP2_CONSTANT u8 *constants)
{
const i32_2 SHIFT_c0 = *(OP2_CONSTANT i32_2 *)(constants + 0);
const f64 SCALE_c1 = *(OP2_CONSTANT f64 *)(constants + 8);
#line 37 "tests/device_source/src/loops/kernels.rs"
(*g_6) = (((boolean)!(*g_6)) || (a_0->v[0] > 1.0));
#line 38 "tests/device_source/src/loops/kernels.rs"
b_1->v[0] = op2_sub_i32(op2_wrapping_add_i32(b_1->v[0], SHIFT_c0.v[0]), b_1->v[1]);
#line 39 "tests/device_source/src/loops/kernels.rs"
b_1->v[1] = SHIFT_c0.v[1];
#line 40 "tests/device_source/src/loops/kernels.rs"
if ((a_0->v[0] > 2.0)) {
#line 41 "tests/device_source/src/loops/kernels.rs"
(*c_2) = ((f32)(a_0->v[0] * SCALE_c1));
}
#line 43 "tests/device_source/src/loops/kernels.rs"
d_3->v[0] = (d_3->v[0] + op2_cast_f64_u64(op2_abs_f64(a_0->v[1])));
#line 44 "tests/device_source/src/loops/kernels.rs"
d_3->v[1] = (d_3->v[1] + ((u64)1u));
#line 45 "tests/device_source/src/loops/kernels.rs"
(*e_4) = op2_min_f64((*e_4), (a_0->v[0] - a_0->v[1]));
#line 46 "tests/device_source/src/loops/kernels.rs"
(*f_5) = op2_max_i64((*f_5), op2_cast_f64_i64(a_0->v[1]));
}

#line 1 "op2"

#line 1 "op2_loop_every_mode"
typedef unsigned short u16;

extern "C" __global__ void __launch_bounds__(256) op2_loop_every_mode(
    const u32 lo,
    const u32 hi,
    const u32 *__restrict__ list,
    const u8 *__restrict__ constants,
    const f64 *__restrict__ data0,
    i32 *__restrict__ data1,
    f32 *__restrict__ data2,
    u64 *__restrict__ data3,
    f64 *__restrict__ data4,
    i64 *__restrict__ data5,
    boolean *__restrict__ data6
) {
    const u32 item = (u32)threadIdx.x;
    const u64 step = (u64)(u32)gridDim.x * blockDim.x;
    for (u64 at = (u64)lo + (u64)(u32)blockIdx.x * blockDim.x + item; at < hi; at += step) {
        const u32 element = list[at];
        f64_2 arg0;
        #pragma unroll
        for (u32 c = 0; c < 2; ++c) {
            ((f64 *)&arg0)[c] = data0[(usize)element * 2 + c];
        }
        i32_2 arg1;
        #pragma unroll
        for (u32 c = 0; c < 2; ++c) {
            ((i32 *)&arg1)[c] = data1[(usize)element * 2 + c];
        }
        f32 arg2;
        arg2 = data2[element];
        u64_2 arg3;
        #pragma unroll
        for (u32 c = 0; c < 2; ++c) {
            ((u64 *)&arg3)[c] = data3[(usize)element * 2 + c];
        }
        f64 arg4;
        arg4 = data4[element];
        i64 arg5;
        arg5 = data5[element];
        boolean arg6;
        arg6 = data6[element];
        op2_kernel_every_mode(&arg0, &arg1, &arg2, &arg3, &arg4, &arg5, &arg6, constants);
        #pragma unroll
        for (u32 c = 0; c < 2; ++c) {
            data1[(usize)element * 2 + c] = ((i32 *)&arg1)[c];
        }
        data2[element] = arg2;
        #pragma unroll
        for (u32 c = 0; c < 2; ++c) {
            data3[(usize)element * 2 + c] = ((u64 *)&arg3)[c];
        }
        data4[element] = arg4;
        data5[element] = arg5;
        data6[element] = arg6;
    }
}
